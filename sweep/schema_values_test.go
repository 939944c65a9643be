package sweep

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Values as they may stand in a sweep file, at bounds and just beyond them.
var someValues = []string{
	"0", "1", "-1", "-0", "+5", "010", "1.0", "1.5", "0.5", ".5", "5.", "1e3", "1E3", "1e-3", "1_000",
	"10", "-10", "-10.5", "500", "501", "1001", "10000", "10001", "16777216", "16777217", "1e6", "1000001",
	"1e12", "1000000000001", "1.1e12", "9007199254740992", "9007199254740993", "1e17", "1e-9", "1e-10",
	"0.999999999", "0.9999999999", "1e-30", "1e-31", "5e-324", "1e-400", "1e308", ".nan", ".inf", "nan",
	"128K", "2.5M", "1B", "0.5K", "128k", "1KM", "5%", "0%", "5.5%", "100%", "100.0%", "101%", "-1%", `"%"`, "1e1%",
	"true", "false", "True", "yes", `"true"`, "~", `""`, `"5"`, `"1e-3"`, `"1e-3 "`, `"128K"`, "fast", "[1]", "{a: 1}", "2026-01-31",
	"cosine", "Cosine", "shuffled", "crop", "auto", "cuda", "fp32", "tf32", "amp_bf16", "tiny", "icons-w4", "icons-w5", "icons-6k", "LAION-2B", "x.json", "x.jsonl",
}

const surfaceFile = "name: s\ntrainer: surface\nsurface: {alpha: -0.1, beta: 5%s}\n" +
	"include: [{model: tiny, data: LAION-2B, samples_seen: 1B%s}]\n%s"

const clipFile = "name: s\ntrainer: clip\ninclude: [{model: icons-w4, data: icons-6k, samples_seen: 1M%s}]\n"

// fileWith gives a sweep file whose one value at a place is this.
func fileWith(place, value string) string {
	part, key, _ := strings.Cut(place, ".")
	set := key + ": " + value
	switch {
	case place == "name" || place == "checkpoints":
		text := fmt.Sprintf(surfaceFile, "", "", place+": "+value+"\n")
		return strings.TrimPrefix(text, map[string]string{"name": "name: s\n"}[place])
	case slices.Contains(ofClip, key):
		return fmt.Sprintf(clipFile, ", "+set)
	case part == "limits":
		return fmt.Sprintf(surfaceFile, "", "", "limits: {"+set+"}\n")
	case part == "surface":
		text := fmt.Sprintf(surfaceFile, ", "+set, "", "")
		return strings.Replace(text, map[string]string{"alpha": "alpha: -0.1, ", "beta": "beta: 5, "}[key], "", 1)
	}
	text := fmt.Sprintf(surfaceFile, "", ", "+set, "")
	given := map[string]string{"model": "model: tiny, ", "data": "data: LAION-2B, ", "samples_seen": "samples_seen: 1B, "}
	return strings.Replace(text, given[key], "", 1)
}

// Value by value, the schema accepts what Parse accepts of a field by itself. The one thing that it cannot see is
// what a number that is text comes to: 0K, or half a sample as 0.0005K.
func TestSchemaAgreesWithParse(t *testing.T) {
	compiled := compileSchema(t)
	places := []string{"checkpoints", "limits.concurrency", "limits.attempts", "limits.gpu_hours", "limits.price_per_device_hour",
		"surface.alpha", "surface.beta", "surface.floor", "surface.noise", "surface.chance"}
	for _, f := range fields {
		places = append(places, "include."+f.name)
	}
	o := ParseOptions{ReadFile: func(string) ([]byte, error) { return os.ReadFile("testdata/model.json") }}
	accepted := 0
	for _, place := range places {
		for _, value := range someValues {
			text := fileWith(place, value)
			_, parse := Parse([]byte(text), o)
			if parse != nil && strings.Contains(parse.Error(), "cell 1:") { // good by itself, not beside the cell's other fields
				continue
			}
			schema := compiled.Validate(asJSON(t, text))
			numberInText := isCount(strings.Trim(value, `"`)) && !slices.Contains([]string{"!!int", "!!float"}, tagOf(t, value))
			if (parse == nil) != (schema == nil) && (parse == nil || !numberInText) {
				t.Errorf("%s: %s: Parse says %v, the schema %v", place, value, parse, schema)
			}
			if parse == nil {
				accepted++
			}
		}
	}
	if accepted < 5*len(places) {
		t.Errorf("only %d values were accepted: the files are wrong in another way", accepted)
	}
}

// A name may look like a number.
func TestSchemaAndParseOnNames(t *testing.T) {
	compiled := compileSchema(t)
	for value, good := range map[string]bool{
		"s": true, "2026": true, "2026-01-31": true, "1.5": true, `"7"`: true, "a.b_c-d": true,
		"-5": false, "true": false, "~": false, `""`: false, "S": false, "-a": false, ".a": false, "a b": false,
	} {
		text := fileWith("name", value)
		_, parse := Parse([]byte(text), ParseOptions{})
		schema := compiled.Validate(asJSON(t, text))
		if (parse == nil) != good || (schema == nil) != good {
			t.Errorf("name %s: Parse says %v, the schema %v", value, parse, schema)
		}
	}
}

func tagOf(t *testing.T, value string) string {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(value), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0].Tag
}
