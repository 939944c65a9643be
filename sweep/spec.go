package sweep

import (
	"fmt"
	"slices"
	"strings"
)

// Spec is a sweep file after parsing: every name known, every value in range. Parse makes
// one from YAML; it travels as JSON from then on.
type Spec struct {
	Name        string   `json:"name"`
	Trainer     string   `json:"trainer"`
	Grid        []Axis   `json:"grid"` // in the order of the file
	Exclude     []Values `json:"exclude,omitempty"`
	Include     []Values `json:"include,omitempty"`
	Recipe      Values   `json:"recipe,omitempty"` // as written; resolved per run by Plan
	Rules       []Rule   `json:"rules,omitempty"`
	Surface     *Surface `json:"surface,omitempty"`
	Checkpoints int      `json:"checkpoints"`
	Evaluate    []string `json:"evaluate"`
	Fits        []FitAsk `json:"fits"`
	Limits      Limits   `json:"limits"`

	// Models are those read from files, by the path that the file names, so that a Spec
	// needs nothing beside it once it was parsed.
	Models map[string]Model `json:"models,omitempty"`
	// Data are the data sets given as files, by what the sweep file writes for them.
	Data map[string]Dataset `json:"data,omitempty"`
}

// Axis is one dimension of the grid: model, data, samples_seen, seed or a field of the recipe.
type Axis struct {
	Field  string `json:"field"`
	Values []any  `json:"values"` // string, int64, float64 or bool, after K/M/B were resolved
}

// Values sets fields by name; the same value types as an Axis.
type Values map[string]any

// Rule sets recipe fields on the cells it matches; the first match sets a field.
type Rule struct {
	When Values `json:"when"`
	Set  Values `json:"set"`
}

// FitAsk is a law that the sweep is to be fitted with.
type FitAsk struct {
	Metric  string `json:"metric"`             // TASK/METRIC
	Rule    string `json:"rule"`               // one of RulesOf(Law)
	Law     string `json:"law"`                // one of FitLaws
	GroupBy string `json:"group_by,omitempty"` // data, model or empty: one law over everything
	Select  string `json:"select"`             // best (recipe of each model, data, samples) or all
}

// Check wants a grouping and a selection that there are; left out, they are the defaults. The
// error wraps ErrBadInput.
func (a FitAsk) Check() error {
	for _, c := range []struct {
		name, value string
		names       []string
	}{{"group by", a.GroupBy, FitGroups}, {"select", a.Select, FitSelect}} {
		if c.value != "" && !slices.Contains(c.names, c.value) {
			return fmt.Errorf("%w: %s %q: it is one of %s%s", ErrBadInput, c.name, c.value, strings.Join(c.names, ", "), didYouMean(c.value, c.names))
		}
	}
	return nil
}

// Metrics are those, as TASK/METRIC, that the sweep asks for: its fits' in their order, then
// the others of what it evaluates.
func (s *Spec) Metrics() []string {
	var all []string
	for _, f := range s.Fits {
		all = append(all, f.Metric)
	}
	var once []string
	for _, name := range append(all, metricsOf(s.Evaluate)...) {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// MinPrice and MaxPrice bound the price of a device hour.
const (
	MinPrice = 1e-9
	MaxPrice = 1e9
)

// Limits bounds what a sweep may use.
type Limits struct {
	Concurrency int     `json:"concurrency"` // runs at once, at most 500
	Attempts    int     `json:"attempts"`    // tries of a run whose failure is worth another
	GPUHours    float64 `json:"gpu_hours"`   // device hours; 0: no limit

	// Price is what a device hour costs, in whatever currency; 0: nobody said. It limits nothing:
	// plans tell the cost by it.
	Price float64 `json:"price_per_device_hour,omitempty"`
}
