package sweep

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// asJSON is a YAML text as a reader of YAML 1.2 hands it to a JSON Schema: 128K, 5% and dates
// are text. Tests do not use octal and hexadecimal numbers, which Parse does not know.
func asJSON(t testing.TB, text string) any {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return nodeAsJSON(&doc)
}

func nodeAsJSON(n *yaml.Node) any {
	n = resolveAlias(n)
	switch n.Kind {
	case yaml.DocumentNode:
		return nodeAsJSON(n.Content[0])
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = nodeAsJSON(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, v := range n.Content {
			list = append(list, nodeAsJSON(v))
		}
		return list
	}
	return scalarAsJSON(n)
}

func scalarAsJSON(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return true
	case "!!int", "!!float":
		plain := strings.ReplaceAll(n.Value, "_", "")
		if i, err := strconv.ParseInt(plain, 10, 64); err == nil {
			return i
		}
		if isReal(plain) { // .nan and .inf are no JSON
			x, _ := strconv.ParseFloat(plain, 64)
			return x
		}
	}
	return n.Value
}

func TestSchemaAcceptsTheExamples(t *testing.T) {
	compiled := compileSchema(t)
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("found %v: %v", files, err)
	}
	texts := map[string]string{"small": small, "everything": everything, "nothing asked": small + "evaluate: []\nfits: []\n"}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	for name, text := range texts {
		if err := compiled.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema refuses what Parse refuses, but for what takes more than one value to see.
func TestSchemaRefuses(t *testing.T) {
	compiled := compileSchema(t)
	for _, c := range refusals {
		switch err := compiled.Validate(asJSON(t, c.text)); {
		case err == nil && !c.onlyParse:
			t.Errorf("%s: the schema accepts it", c.name)
		case err != nil && c.onlyParse:
			t.Errorf("%s: the schema does see it: %v", c.name, err)
		}
	}
}
