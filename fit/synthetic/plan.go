package synthetic

import (
	"context"

	"github.com/scalelaw/scalelaw/fit"
)

// Way is one way of fitting, and the scenarios to measure it in.
type Way struct {
	Law, Rule, Interval string
	Scenarios           []string
	slow                bool // starts from many places, or refits a surface in each resample
}

// Plan says what of everything to measure.
type Plan struct {
	Studies   int    // of each scenario and way; a fifth of it for slow ways
	Resamples int    // of each bootstrap
	Seed      uint64 // of the studies
	Law, Rule string // only these; empty: every one
	Scenario  string
}

// Measure measures what the plan asks for, in order, and gives each row to done as it is ready.
func (p Plan) Measure(ctx context.Context, done func(fit.Coverage) error) error {
	for _, w := range Ways() {
		if p.Law != "" && p.Law != w.Law || p.Rule != "" && p.Rule != w.Rule {
			continue
		}
		studies := p.Studies
		if w.slow {
			studies = max(p.Studies/5, 1)
		}
		for _, name := range w.Scenarios {
			if p.Scenario != "" && p.Scenario != name {
				continue
			}
			s, _ := Find(name)
			row, err := Measure(ctx, s, fit.Options{Law: w.Law, Rule: w.Rule, Interval: w.Interval, Bootstrap: p.Resamples}, studies, p.Seed)
			if err != nil {
				return err
			}
			if err := done(row); err != nil {
				return err
			}
		}
	}
	return nil
}
