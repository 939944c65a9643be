package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// planOf plans a sweep file given as text.
func planOf(t *testing.T, text string) *PlanResult {
	t.Helper()
	spec, err := Parse([]byte(text), ParseOptions{})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return mustPlan(t, spec)
}

// cellsOf are the runs of a plan as model/data/samples/seed/learning rate/warm-up.
func cellsOf(p *PlanResult) []string {
	var all []string
	for _, r := range p.Runs {
		all = append(all, fmt.Sprintf("%s/%s/%d/%d/%g/%d", r.Model.Name, r.Data.Name, r.SamplesSeen, r.Seed, r.Recipe.LearningRate, r.Recipe.WarmupSteps))
	}
	return all
}

func TestPlanOrder(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		want        []string
	}{
		{"the last axis is the fastest", "  seed: [7, 5]\n", []string{
			"icons-w4/icons-6k/128000/7/0.002/100", "icons-w4/icons-6k/128000/5/0.002/100",
			"icons-w8/icons-6k/128000/7/0.002/100", "icons-w8/icons-6k/128000/5/0.002/100"}},
		{"excluded cells go, included ones come last", "exclude: [{model: icons-w4, samples_seen: 128000}]\n" +
			"include: [{model: icons-w96, data: icons-160k, samples_seen: 1M, seed: 2}, {model: icons-w4, data: icons-6k, samples_seen: 64K}]\n", []string{
			"icons-w8/icons-6k/128000/0/0.002/100", "icons-w96/icons-160k/1000000/2/0.002/200", "icons-w4/icons-6k/64000/0/0.002/50"}},
		{"what is included is never excluded", "exclude: [{model: icons-w8}]\ninclude: [{model: icons-w8, data: icons-6k, samples_seen: 128K}]\n", []string{
			"icons-w4/icons-6k/128000/0/0.002/100", "icons-w8/icons-6k/128000/0/0.002/100"}},
		{"a rule wins over the recipe, the first rule over the second", "recipe: {learning_rate: 4e-3, warmup: 7}\nrules:\n" +
			"  - {when: {model: icons-w4}, set: {learning_rate: 1e-3}}\n  - {when: {data: icons-6k}, set: {learning_rate: 3e-3, warmup: 9}}\n", []string{
			"icons-w4/icons-6k/128000/0/0.001/9", "icons-w8/icons-6k/128000/0/0.003/9"}},
		{"an axis wins over a rule", "  learning_rate: [5e-3]\ninclude: [{model: icons-w16, data: icons-6k, samples_seen: 128K}]\n" +
			"rules: [{when: {data: icons-6k}, set: {learning_rate: 1e-3, warmup: 3}}]\n", []string{
			"icons-w4/icons-6k/128000/0/0.005/3", "icons-w8/icons-6k/128000/0/0.005/3", "icons-w16/icons-6k/128000/0/0.001/3"}},
	} {
		if d := cmp.Diff(c.want, cellsOf(planOf(t, with(c.lines)))); d != "" {
			t.Errorf("%s:\n%s", c.name, d)
		}
	}
}

// Samples seen are rounded up to whole global batches, and steps, compute and totals follow.
func TestPlanRoundsToWholeBatches(t *testing.T) {
	for _, c := range []struct {
		samples, batch string
		actual, steps  int64
		warned         bool
	}{
		{"128K", "128", 128_000, 1000, false},
		{"128001", "128", 128_128, 1001, false},
		{"127999", "128", 128_000, 1000, false},
		{"128K", "4096", 131_072, 32, true},
		{"1", "128", 128, 1, true},
	} {
		p := planOf(t, instead("[128K]", "["+c.samples+"]")+"recipe: {batch_size: "+c.batch+"}\n")
		r := p.Runs[0]
		if r.ActualSamplesSeen != c.actual || r.Steps() != c.steps {
			t.Errorf("%s samples in batches of %s: %d in %d steps, want %d in %d", c.samples, c.batch, r.ActualSamplesSeen, r.Steps(), c.actual, c.steps)
		}
		near(t, "GMACs of "+c.samples, r.GMACsTotal, r.Model.GMACs().Total()*float64(c.actual), 1e-12)
		if p.Totals.ActualSamplesSeen != 2*c.actual || p.Totals.SamplesSeen != 2*r.SamplesSeen {
			t.Errorf("totals of %s: %+v", c.samples, p.Totals)
		}
		if got := slices.Contains(codes(p), "rounded"); got != c.warned {
			t.Errorf("%s samples in batches of %s: warned of rounding: %v", c.samples, c.batch, got)
		}
	}
}

func codes(p *PlanResult) []string {
	var all []string
	for _, w := range p.Warnings {
		all = append(all, w.Code)
	}
	return all
}

func TestPlanWarmup(t *testing.T) {
	for asked, want := range map[string]int64{"5%": 50, "29%": 290, "0.1%": 1, "100%": 1000, "0": 0, "17": 17, "1K": 1000} {
		if got := planOf(t, with("recipe: {warmup: "+asked+"}\n")).Runs[0].Recipe.WarmupSteps; got != want {
			t.Errorf("%s of 1,000 steps are %d steps, want %d", asked, got, want)
		}
	}
}

func TestPlanWarns(t *testing.T) {
	for _, c := range []struct{ code, text string }{
		{"trainer_unavailable", "name: s\ntrainer: openclip\ngrid: {model: [ViT-B-32], data: [LAION-2B], samples_seen: [1B]}\n"},
		{"empty", with("exclude: [{data: icons-6k}]\n")},
		{"warmup", with("recipe: {warmup: 1000}\n")},
		{"near_chance", instead("128K", "64K")},
		{"repeated_data", instead("128K", "512K")},
		{"no_law", small},
	} {
		if got := codes(planOf(t, c.text)); !slices.Contains(got, c.code) {
			t.Errorf("warnings %v, want %s", got, c.code)
		}
	}
	if p := mustPlan(t, mustParse(t, "../examples/quickstart.yaml")); len(p.Warnings) != 0 {
		t.Errorf("the quickstart warns: %+v", p.Warnings)
	}
}

// A Spec that was made by hand, or read from JSON, is checked too.
func TestPlanRefuses(t *testing.T) {
	cell := func(change Values) Spec {
		values := Values{"model": "icons-w4", "data": "icons-6k", "samples_seen": int64(128_000)}
		for name, value := range change {
			values[name] = value
		}
		return Spec{Name: "s", Trainer: "clip", Include: []Values{values}}
	}
	twice := cell(nil)
	twice.Include = append(twice.Include, twice.Include[0])
	nobody := cell(nil)
	nobody.Trainer = "nobody"
	for says, spec := range map[string]Spec{
		"cells 1 and 2 are the same run": twice,
		`unknown trainer "nobody"`:       nobody,
		`unknown model "icons-w5"`:       cell(Values{"model": "icons-w5"}),
		`unknown data set "icons-5k"`:    cell(Values{"data": "icons-5k"}),
		"icons have 32 pixels":           cell(Values{"model": "ViT-B-32"}),
		"takes the icons-* data sets":    cell(Values{"data": "LAION-2B"}),
		"must be positive":               cell(Values{"samples_seen": int64(0)}),
	} {
		if _, err := Plan(&spec, nil, nil); !errors.Is(err, ErrBadInput) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want bad input: %s", err, says)
		}
	}
}

// With a price of a device hour every run has a cost, by its time and devices, and the plan has
// that of what is not reused; without one, or without times, there is none.
func TestPlanTellsTheCost(t *testing.T) {
	hour := func(r Run) Estimate { return Estimate{Seconds: 3600 * float64(1+r.Seed), Source: "a test"} }
	of := func(lines string, known Known, estimate Estimator) *PlanResult {
		spec, err := Parse([]byte("name: s\ntrainer: clip\ngrid: {model: [icons-w4], data: [icons-6k], samples_seen: [1K], seed: [0, 1]}\n"+lines), ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Plan(spec, known, estimate)
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
	const price = "limits: {price_per_device_hour: 2.5}\n"
	plan := of(price+"recipe: {devices: 2}\n", nil, hour)
	if a, b, all := plan.Runs[0].Estimate.Cost, plan.Runs[1].Estimate.Cost, plan.Totals.Cost; a == nil || *a != 5 || b == nil || *b != 10 || all == nil || *all != 15 {
		t.Errorf("%v, %v, %v", a, b, all)
	}
	if all := of(price, Known{of("", nil, nil).Runs[1].ID: {State: Succeeded}}, hour).Totals.Cost; all == nil || *all != 2.5 {
		t.Errorf("one of two is reused: %v", all)
	}
	some := func(r Run) Estimate {
		if r.Seed == 0 {
			return Estimate{}
		}
		return hour(r)
	}
	for name, p := range map[string]*PlanResult{"without a price": of("", nil, hour), "without times": of(price, nil, nil), "without some times": of(price, nil, some)} {
		if p.Totals.Cost != nil || p.Runs[0].Estimate.Cost != nil {
			t.Errorf("%s: %v", name, p.Totals.Cost)
		}
	}
}
