package sweep

import (
	"errors"
	"strings"
	"testing"
)

const edited = `# the ladder
name: s # short
trainer: clip
grid:
  model: [icons-w4, icons-w8]
  data: [icons-6k]
  samples_seen: [128K, 256K] # both
exclude:
  - {model: icons-w4, data: icons-6k, samples_seen: 128000}
`

func TestEdit(t *testing.T) {
	w4, w8 := Place{"icons-w4", "icons-6k", 128_000}, Place{"icons-w8", "icons-6k", 256_000}
	for _, c := range []struct {
		name      string
		edit      Edit
		has, lack []string
		cells     int
	}{
		{"axes", Edit{Axes: map[string][]string{"model": {"icons-w4", " icons-w12 ", ""}, "samples_seen": {"128K", "512K"}}}, []string{"model: [icons-w4, icons-w12]", "samples_seen: [128K, 512K]", "# the ladder", "# short"}, []string{"icons-w8"}, 3},
		{"another axis", Edit{Axes: map[string][]string{"seed": {"0", "1"}}}, []string{"seed: [0, 1]"}, nil, 6},
		{"a cell less", Edit{Remove: []Place{w8}}, []string{"- {model: icons-w8, data: icons-6k, samples_seen: 256K}", "icons-w4, data"}, nil, 2},
		{"twice", Edit{Remove: []Place{w4}}, []string{"samples_seen: 128K}"}, []string{"128000"}, 3},
		{"a cell back", Edit{Add: []Place{w4}}, nil, []string{"exclude"}, 4},
		{"one for another", Edit{Add: []Place{w4}, Remove: []Place{w8}}, []string{"icons-w8, data"}, []string{"{model: icons-w4"}, 3},
	} {
		text, err := c.edit.Apply([]byte(edited))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, want := range c.has {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text)
			}
		}
		for _, no := range c.lack {
			if strings.Contains(string(text), no) {
				t.Errorf("%s: %q is in\n%s", c.name, no, text)
			}
		}
		spec, err := Parse(text, ParseOptions{})
		if err != nil || len(spec.cells()) != c.cells {
			t.Errorf("%s: %v\n%s", c.name, err, text)
		}
	}
	for _, bad := range []string{"", "- a list", "a: [", "just text", "&a [*a]"} {
		if _, err := (Edit{Axes: map[string][]string{"model": {"x"}}}).Apply([]byte(bad)); !errors.Is(err, ErrBadInput) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzEdit(f *testing.F) {
	f.Add(edited, "icons-w8", "128K")
	f.Add("grid: 1\nexclude: x", "a: b", "#")
	f.Fuzz(func(t *testing.T, file, model, samples string) {
		e := Edit{Axes: map[string][]string{"model": {model}, "samples_seen": {samples}}, Remove: []Place{{model, "d", 5}}}
		text, err := e.Apply([]byte(file))
		if err != nil {
			return
		}
		if _, err := e.Apply(text); err != nil {
			t.Errorf("what was written cannot be edited again: %v\n%s", err, text)
		}
	})
}
