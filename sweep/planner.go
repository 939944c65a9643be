package sweep

import (
	"fmt"
	"math"
)

// Plan says what a Spec comes to: its runs in order, what each costs, which exist already and
// what looks odd. It is a pure function: what exists and what things cost come in as
// arguments, and nothing is touched. Its errors wrap ErrBadInput.
func Plan(spec *Spec, known Known, estimate Estimator) (*PlanResult, error) {
	plan := &PlanResult{Name: spec.Name, Convention: ComputeConvention, Runs: []PlannedRun{}, Warnings: []Warning{}}
	place := map[string]int{}
	for i, cell := range spec.cells() {
		run, err := spec.resolve(cell)
		if err != nil {
			return nil, fmt.Errorf("plan sweep %s: %w", spec.Name, err)
		}
		if first, twice := place[run.ID]; twice {
			return nil, fmt.Errorf("plan sweep %s: %w: cells %d and %d are the same run %s", spec.Name, ErrBadInput, first+1, i+1, run.ID)
		}
		place[run.ID] = i
		plan.Runs = append(plan.Runs, planned(run, known, estimate, spec.Limits.Price))
	}
	plan.total()
	plan.warn(spec, known)
	return plan, nil
}

func planned(run Run, known Known, estimate Estimator, price float64) PlannedRun {
	p := PlannedRun{Run: run}
	if known != nil {
		reused := known[run.ID].State == Succeeded
		p.Reused = &reused
	}
	if estimate != nil {
		p.Estimate = estimate(run)
	}
	if price > 0 && p.Estimate.Source != "" {
		cost := p.Estimate.Seconds / 3600 * float64(run.Recipe.Replicas()) * price
		p.Estimate.Cost = &cost
	}
	return p
}

func (p *PlanResult) total() {
	t := &p.Totals
	cost, priced := 0.0, 0
	for _, r := range p.Runs {
		t.Runs++
		t.SamplesSeen += r.SamplesSeen
		t.ActualSamplesSeen += r.ActualSamplesSeen
		t.GMACs += r.GMACsTotal
		if r.Reused != nil && *r.Reused {
			t.Reused++
			continue
		}
		t.GMACsToTrain += r.GMACsTotal
		t.Seconds += r.Estimate.Seconds
		t.SecondsSource = mergeSource(t.SecondsSource, r.Estimate.Source)
		if r.Estimate.Cost != nil {
			cost += *r.Estimate.Cost
			priced++
		}
	}
	if priced > 0 && priced == t.Runs-t.Reused {
		t.Cost = &cost
	}
}

func mergeSource(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return "mixed"
}

// warn looks for what a researcher should know before launching.
func (p *PlanResult) warn(spec *Spec, known Known) {
	t, _ := LookupTrainer(spec.Trainer)
	if !t.Available {
		p.warning("trainer_unavailable", "the trainer %s is not part of this version: the sweep can be planned, not submitted", spec.Trainer)
	}
	if len(p.Runs) == 0 {
		p.warning("empty", "the sweep has no cells: everything is excluded")
	}
	p.each("rounded", "train more samples than asked, by more than 1 %%, because a run ends with a whole global batch", func(r PlannedRun) bool {
		return float64(r.ActualSamplesSeen-r.SamplesSeen) > 0.01*float64(r.SamplesSeen)
	})
	p.each("warmup", "have a warm-up as long as the run or longer", func(r PlannedRun) bool {
		return r.Recipe.WarmupSteps >= r.Steps() && r.Recipe.WarmupSteps > 0
	})
	p.each("near_chance", "see fewer than 128K samples: the ladder is near chance there, and the law flat", func(r PlannedRun) bool {
		return r.Model.Ladder != nil && r.Trainer == TrainerClip && r.SamplesSeen < 128_000
	})
	p.each("repeated_data", "see each pair more than 64 times: expect the data to be the bottleneck", func(r PlannedRun) bool {
		return r.ActualSamplesSeen > 64*r.Data.Pairs && r.Trainer != TrainerSurface
	})
	for _, r := range p.Runs {
		if r.Estimate.Misfit != "" {
			p.warning("memory", "a run that is planned here on %s %s", r.Estimate.Device, r.Estimate.Misfit)
			break // the others tell the same
		}
	}
	p.each("fewer_checkpoints", "exist already but kept fewer checkpoints than asked; the weights are the same", func(r PlannedRun) bool {
		k, ok := known[r.ID]
		return ok && k.State == Succeeded && k.Checkpoints < len(r.KeepSteps()) && r.Trainer != TrainerSurface
	})
	p.narrow(spec)
}

func (p *PlanResult) warning(code, format string, args ...any) {
	p.Warnings = append(p.Warnings, Warning{Code: code, Text: fmt.Sprintf(format, args...)})
}

// each warns once about all runs of which something is true.
func (p *PlanResult) each(code, text string, is func(PlannedRun) bool) {
	n := 0
	for _, r := range p.Runs {
		if is(r) {
			n++
		}
	}
	if n > 0 {
		p.warning(code, "%d of %d runs "+text, n, len(p.Runs))
	}
}

// narrow warns when no law can be fitted over so little compute.
func (p *PlanResult) narrow(spec *Spec) {
	if len(spec.Fits) == 0 || len(p.Runs) == 0 {
		return
	}
	low, high := math.Inf(1), 0.0
	for _, r := range p.Runs {
		low, high = min(low, r.GMACsTotal), max(high, r.GMACsTotal)
	}
	if len(p.Runs) < 3 || high < low*math.Sqrt(10) {
		p.warning("no_law", "a law needs at least 3 amounts of compute over half a decade: these fits will be refused")
	}
}
