package sweep

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is the least that a sweep file must say.
const small = `name: s
trainer: clip
grid:
  model: [icons-w4, icons-w8]
  data: [icons-6k]
  samples_seen: [128K]
`

const everything = `name: icons-ladder
trainer: clip
grid:
  model: [icons-w8, icons-w16]
  data: [icons-6k, icons-160k]
  samples_seen: [128K, 0.256M]
  seed: [0, 1]
  learning_rate: [1e-3, 2e-3]
exclude:
  - {model: icons-w16, samples_seen: 256K, data: icons-6k}
include:
  - {model: icons-w32, data: icons-160k, samples_seen: 512K, seed: 3}
recipe:
  batch_size: 256
  warmup: 5.0%
  weight_decay: 0
  schedule: constant
rules:
  - when: {model: icons-w32}
    set: {learning_rate: 1e-3, warmup: 20}
checkpoints: 4
evaluate: [icons-test]
fits:
  - {metric: icons-test/top1_error, rule: binned-minima, group_by: data, select: all}
limits: {concurrency: 8, attempts: 5, gpu_hours: 1.5}
`

func TestParseReadsEverything(t *testing.T) {
	got, err := Parse([]byte(everything), ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := &Spec{
		Name: "icons-ladder", Trainer: "clip",
		Grid: []Axis{
			{Field: "model", Values: []any{"icons-w8", "icons-w16"}},
			{Field: "data", Values: []any{"icons-6k", "icons-160k"}},
			{Field: "samples_seen", Values: []any{int64(128_000), int64(256_000)}},
			{Field: "seed", Values: []any{int64(0), int64(1)}},
			{Field: "learning_rate", Values: []any{1e-3, 2e-3}},
		},
		Exclude:     []Values{{"model": "icons-w16", "samples_seen": int64(256_000), "data": "icons-6k"}},
		Include:     []Values{{"model": "icons-w32", "data": "icons-160k", "samples_seen": int64(512_000), "seed": int64(3)}},
		Recipe:      Values{"batch_size": int64(256), "warmup": "5%", "weight_decay": 0.0, "schedule": "constant"},
		Rules:       []Rule{{When: Values{"model": "icons-w32"}, Set: Values{"learning_rate": 1e-3, "warmup": int64(20)}}},
		Checkpoints: 4, Evaluate: []string{"icons-test"},
		Fits:   []FitAsk{{Metric: "icons-test/top1_error", Rule: "binned-minima", Law: "power", GroupBy: "data", Select: "all"}},
		Limits: Limits{Concurrency: 8, Attempts: 5, GPUHours: 1.5},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseFillsWhatIsLeftOpen(t *testing.T) {
	surface := "name: s\ntrainer: surface\nsurface: {alpha: -0.1, beta: 5}\ninclude: [{model: tiny, data: LAION-2B, samples_seen: 1B}]\n"
	for _, c := range []struct {
		text, metric, rule string
		tasks              []string
	}{
		{small, "icons-test/top1_error", "envelope", []string{"icons-test", "icons-shift", "icons-retrieval"}},
		{surface, "surface/top1_error", "all", []string{"surface"}},
	} {
		got, err := Parse([]byte(c.text), ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := Spec{
			Checkpoints: 1, Limits: Limits{Concurrency: 2, Attempts: 3}, Evaluate: c.tasks,
			Fits: []FitAsk{{Metric: c.metric, Rule: c.rule, Law: "power", Select: "best"}},
		}
		given := Spec{Checkpoints: got.Checkpoints, Limits: got.Limits, Evaluate: got.Evaluate, Fits: got.Fits}
		if d := cmp.Diff(want, given); d != "" {
			t.Error(d)
		}
		if got.Surface != nil && *got.Surface != (Surface{Alpha: -0.1, Beta: 5, Chance: 1}) {
			t.Errorf("surface %+v", *got.Surface)
		}
	}
}

func TestParseOfNoEvaluationsAndNoFits(t *testing.T) {
	got, err := Parse([]byte(small+"evaluate: []\n"), ParseOptions{})
	if err != nil || len(got.Evaluate) != 0 || len(got.Fits) != 0 {
		t.Errorf("evaluate [] gives %+v, %v: there is nothing to fit", got, err)
	}
	got, err = Parse([]byte(small+"fits: []\n"), ParseOptions{})
	if err != nil || len(got.Evaluate) != 3 || len(got.Fits) != 0 {
		t.Errorf("fits [] gives %+v, %v", got, err)
	}
}

// All that is wrong with a file is said at once, by line and column.
func TestParseReportsEverythingAtOnce(t *testing.T) {
	_, err := Parse([]byte(`name: Big Sweep
trainer: clip
grid:
  model: [icons-w4, icons-w61]
  data: []
  samples_seen: [128k, 256K, 256000]
  batch_szie: [128]
recipe:
  learning_rate: fast
  batch_size: 0
evaluate: [icons-tset]
limits: {concurrency: 501}
limit: 3
`), ParseOptions{})
	want := []string{
		`line 1, column 7: name: "Big Sweep": use up to 100 lower-case letters, digits, '.', '_' and '-', a letter or digit first`,
		`line 4, column 21: grid.model[1]: unknown model "icons-w61"; did you mean "icons-w6"?`,
		`line 5, column 9: grid.data: must not be empty; leave the key out instead`,
		`line 6, column 18: grid.samples_seen[0]: "128k" is not a whole number (K, M and B stand for powers of 1000)`,
		`line 6, column 30: grid.samples_seen: 256000 stands twice on the axis`,
		`line 7, column 3: grid.batch_szie: unknown key; did you mean "batch_size"?`,
		`line 9, column 18: recipe.learning_rate: "fast" is not a finite number`,
		`line 10, column 15: recipe.batch_size: 0 is outside 1 to 1.6777216e+07`,
		`line 11, column 12: evaluate[0]: unknown evaluate "icons-tset"; did you mean "icons-test"?`,
		`line 12, column 23: limits.concurrency: 501 is outside 1 to 500`,
		`line 13, column 1: limit: unknown key; did you mean "limits"?`,
	}
	if d := cmp.Diff(strings.Join(want, "\n"), fmt.Sprint(err)); d != "" {
		t.Error(d)
	}
	var parse *ParseError
	if !errors.As(err, &parse) || len(parse.Problems) != len(want) || !errors.Is(err, ErrBadInput) {
		t.Errorf("%T is no ParseError of %d problems that is bad input", err, len(want))
	}
}

// wantProblem wants one problem at a line and field whose text holds something.
func wantProblem(t *testing.T, what string, err error, line int, field, text string) {
	t.Helper()
	var parse *ParseError
	if !errors.As(err, &parse) {
		t.Errorf("%s: %v is no ParseError", what, err)
		return
	}
	for _, p := range parse.Problems {
		if p.Line == line && p.Field == field && strings.Contains(p.Text, text) {
			return
		}
	}
	t.Errorf("%s:\n%v\nwant %q of %s in line %d", what, err, text, field, line)
}

// Each law takes the rule that suits it where the file names none, and the one that it names.
func TestRulesOfLaws(t *testing.T) {
	for ask, want := range map[string]string{
		"law: power-floor": "pareto", "law: shifted, rule: pareto-bin": "pareto-bin", "rule: all": "all", "law: power": "envelope",
		"law: chinchilla": "all", "law: data-limited": "all", "law: isoflop": "parabola",
	} {
		got, err := Parse([]byte(with("fits: [{metric: icons-test/top1_error, "+ask+"}]\n")), ParseOptions{})
		if err != nil || got.Fits[0].Rule != want {
			t.Errorf("%s: want rule %s: %v %+v", ask, want, err, got)
		}
	}
}

// What decides where a run computes, and how it saves memory there, is no part of its id; parts
// of a batch are, because sums in another order have other bits.
func TestPlacementIsNoPartOfTheID(t *testing.T) {
	of := func(recipe string) Run {
		t.Helper()
		text := "name: s\ntrainer: clip\ninclude: [{model: icons-w4, data: icons-6k, samples_seen: 1K}]\n" + recipe
		spec, err := Parse([]byte(text), ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Plan(spec, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return plan.Runs[0].Run
	}
	plain, placed := of(""), of("recipe: {device: cuda, devices: 2, grad_checkpointing: true}\n")
	if placed.ID != plain.ID || placed.Recipe.Placement != (Placement{GradCheckpointing: true, Device: DeviceCUDA, Devices: 2}) {
		t.Errorf("%s and %s, %+v", plain.ID, placed.ID, placed.Recipe)
	}
	if one := of("recipe: {accum_freq: 1, device: auto, devices: 1, grad_checkpointing: false}\n"); one.ID != plain.ID || one.Recipe != plain.Recipe {
		t.Errorf("%+v, not %+v", one, plain)
	}
	if parts := of("recipe: {accum_freq: 4, devices: 2}\n"); parts.ID == plain.ID || parts.Recipe.MicroBatch() != 16 {
		t.Errorf("%+v", parts.Recipe)
	}
	_, err := Parse([]byte("name: s\ntrainer: clip\ninclude: [{model: icons-w4, data: icons-6k, samples_seen: 1K, accum_freq: 3}]\n"), ParseOptions{})
	if err == nil || !strings.Contains(err.Error(), "batch_size 128 cannot be cut into 3 equal parts") {
		t.Error(err)
	}
}
