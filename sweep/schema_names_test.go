package sweep

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// schemaPart walks into schema.json by keys, as in "properties/trainer/enum".
func schemaPart(t *testing.T, path string) any {
	t.Helper()
	var part any
	if err := json.Unmarshal(Schema(), &part); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Split(path, "/") {
		if list, ok := part.([]any); ok && key == "0" {
			part = list[0]
			continue
		}
		m, _ := part.(map[string]any)
		if part = m[key]; part == nil {
			t.Fatalf("schema.json has no %s of %s", key, path)
		}
	}
	return part
}

// names are the strings of a list, or the sorted keys of an object.
func names(part any) []string {
	if m, ok := part.(map[string]any); ok {
		return slices.Sorted(maps.Keys(m))
	}
	var all []string
	list, _ := part.([]any)
	for _, v := range list {
		text, _ := v.(string)
		all = append(all, text)
	}
	return all
}

// The schema names what the catalogues name, in their order.
func TestSchemaNamesTheCatalogues(t *testing.T) {
	var models, datasets, trainers, tasks []string
	for _, m := range Models() {
		models = append(models, m.Name)
	}
	for _, d := range Datasets() {
		datasets = append(datasets, d.Name)
	}
	for _, x := range Trainers() {
		trainers = append(trainers, x.Name)
		tasks = append(tasks, x.Tasks...)
	}
	schedule, _ := lookupField("schedule")
	precision, _ := lookupField("precision")
	for path, want := range map[string][]string{
		"$defs/model/anyOf/0/enum":                     models,
		"$defs/data/anyOf/0/enum":                      datasets,
		"$defs/schedule/enum":                          schedule.names,
		"$defs/precision/enum":                         precision.names,
		"properties/trainer/enum":                      trainers,
		"properties/evaluate/items/enum":               tasks,
		"properties/fits/items/properties/metric/enum": metricsOf(tasks),
		"properties/fits/items/properties/rule/enum":   FitRules,
		"properties/fits/items/properties/law/enum":    FitLaws,
		"properties":                 slices.Sorted(slices.Values(topKeys)),
		"properties/grid/properties": slices.Sorted(slices.Values(fieldNames(false))),
		"$defs/values/properties":    slices.Sorted(slices.Values(fieldNames(false))),
		"$defs/recipe/properties":    slices.Sorted(slices.Values(fieldNames(true))),
	} {
		if d := cmp.Diff(want, names(schemaPart(t, path))); d != "" {
			t.Errorf("%s: the catalogue (-) is not the schema (+):\n%s", path, d)
		}
	}
}

func TestSchemaHasTheBoundsOfTheFields(t *testing.T) {
	for _, f := range fields {
		if f.kind == kindName || f.kind == kindFlag {
			continue
		}
		bounds := map[string]float64{"minimum": f.min, "maximum": f.max}
		if f.name == "learning_rate" { // any positive number
			bounds = map[string]float64{"exclusiveMinimum": 0}
		}
		for key, want := range bounds {
			if got := schemaPart(t, "$defs/"+f.name+"/"+key); got != want {
				t.Errorf("%s of %s is %v, want %v", key, f.name, got, want)
			}
		}
		if ref := "#/$defs/" + map[kind]string{kindCount: "count", kindReal: "real"}[f.kind]; f.kind != kindWarmup && schemaPart(t, "$defs/"+f.name+"/$ref") != ref {
			t.Errorf("%s is not of %s", f.name, ref)
		}
	}
	if got := schemaPart(t, "properties/limits/properties/concurrency/maximum"); got != float64(MaxConcurrency) {
		t.Errorf("concurrency is at most %v, want %d", got, MaxConcurrency)
	}
}

func TestSchemaHasThePatternsOfNumbers(t *testing.T) {
	for path, want := range map[string]string{
		"$defs/real/pattern": realPattern, "$defs/count/pattern": countPattern, "$defs/warmup/pattern": warmupPattern,
		"properties/name/pattern": sweepName.String(),
	} {
		if got := schemaPart(t, path); got != want {
			t.Errorf("%s is\n%v, want\n%s", path, got, want)
		}
	}
}
