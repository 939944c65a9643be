package sweep

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Whatever the text: Parse does not panic, says what is wrong, and what it lets through can be
// planned, survives JSON and is good by the schema.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) < 4 {
		f.Fatalf("found %v: %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{small, everything, "&a [*a]", "{<<: *x}", with("rules: &r [{when: {data: icons-6k}, set: {warmup: 5%}}]\n")} {
		f.Add([]byte(text))
	}
	f.Add(onFiles(`"a/{0..3}.tar::b.tgz"`))
	for _, c := range refusals {
		f.Add([]byte(c.text))
	}
	model, err := os.ReadFile("testdata/model.json")
	if err != nil {
		f.Fatal(err)
	}
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		spec, err := Parse(text, ParseOptions{ReadFile: func(string) ([]byte, error) { return model, nil }, OpenData: anyFiles})
		if err != nil {
			checkProblems(t, err)
			return
		}
		checkSpec(t, spec)
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(nodeAsJSON(&doc)); err != nil {
			t.Errorf("the schema refuses what Parse accepts: %v", err)
		}
	})
}

func checkProblems(t *testing.T, err error) {
	t.Helper()
	var parse *ParseError
	if !errors.As(err, &parse) || len(parse.Problems) == 0 || !errors.Is(err, ErrBadInput) {
		t.Fatalf("%T %v lists no problems", err, err)
	}
	for _, p := range parse.Problems {
		if p.Text == "" || p.Line < 0 || p.Line > 0 && p.Column < 1 {
			t.Errorf("%+v says nothing, or nowhere", p)
		}
	}
}

func checkSpec(t *testing.T, spec *Spec) {
	t.Helper()
	plan := mustPlan(t, spec)
	if plan.Totals.SamplesSeen < 0 || plan.Totals.ActualSamplesSeen < plan.Totals.SamplesSeen {
		t.Errorf("totals %+v", plan.Totals)
	}
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var again Spec
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(idsOf(plan), idsOf(mustPlan(t, &again))); d != "" {
		t.Errorf("another plan after JSON:\n%s", d)
	}
}

// anyFiles finds the files of every pattern.
func anyFiles(pattern string) (Dataset, error) {
	return Dataset{Pairs: 1, Source: SourceFiles, Revision: "files-1", Files: &DataFiles{Pattern: pattern}}, nil
}
