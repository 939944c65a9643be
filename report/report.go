// Package report writes a study down: what was asked, what came of its runs, its laws with their
// intervals, figures, the runs behind them, and the commands that make it again. One report is
// one file that needs no other, as HTML or as PDF.
package report

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// Reader is what a report is made from.
type Reader interface {
	study.Reader
	// SweepSummary is a sweep with its cells counted.
	SweepSummary(ctx context.Context, name string) (sweep.SweepSummary, error)
}

// Report is a study as it stood at a time.
type Report struct {
	Name    string
	Made    time.Time
	Version string // of the program that made it
	Sweep   sweep.SweepSummary
	Spec    string // as JSON
	Counts  []Count
	Parts   []Part
	Origins []Origin
	Advice  []string
	Figures []figure.Figure // of the grid
	Submit  string          // the command that starts the study
}

// Count is how many cells are in a state.
type Count struct {
	State sweep.State
	N     int
}

// Part is one question of the sweep file with its laws.
type Part struct {
	Metric  string
	Records []fit.Record
	Figure  figure.Figure
	Empty   string // why there is no figure; empty: there is one
	Command string
}

// Origin is what runs were made and scored with.
type Origin struct{ What, Value string }

// Make reads a study. Its laws are fitted to the runs as they stand; now is when.
func Make(ctx context.Context, s Reader, name, version string, now time.Time) (Report, error) {
	r := Report{Name: name, Made: now, Version: version}
	var err error
	if r.Sweep, err = s.SweepSummary(ctx, name); err != nil {
		return r, err
	}
	record, err := s.Sweep(ctx, name)
	if err != nil {
		return r, err
	}
	var spec sweep.Spec
	if err := json.Unmarshal(record.Spec, &spec); err != nil {
		return r, fmt.Errorf("read the stored spec of sweep %s: %w", name, err)
	}
	text, err := json.MarshalIndent(json.RawMessage(record.Spec), "", "  ")
	if err != nil {
		return r, err
	}
	r.Spec, r.Submit = string(text), "scalelaw submit "+name+".json --yes"
	for _, state := range slices.Sorted(maps.Keys(r.Sweep.Counts)) {
		r.Counts = append(r.Counts, Count{state, r.Sweep.Counts[state]})
	}
	return r, r.fill(ctx, s, record, spec)
}

// fill adds laws and figures.
func (r *Report) fill(ctx context.Context, s Reader, record sweep.SweepRecord, spec sweep.Spec) error {
	var all []fit.Record
	for _, ask := range questions(spec) {
		runs, err := s.FitInputs(ctx, r.Name, ask.Metric)
		if err != nil {
			return err
		}
		part, err := r.part(ctx, ask, runs)
		if err != nil {
			return err
		}
		if len(r.Parts) == 0 {
			g := study.Grid{Name: r.Name, Metric: ask.Metric, Runs: runs}
			r.Advice = study.Advice(g.Gains())
			if len(runs) > 0 {
				r.Figures = append(r.Figures, g.Heatmap())
			}
			if len(g.Scored()) > 0 {
				r.Figures = append(r.Figures, g.Isodata())
			}
		}
		r.Parts = append(r.Parts, part)
		all = append(all, part.Records...)
	}
	r.Origins = origins(record, spec, all)
	return nil
}

// questions are those of the sweep file; without any, the law of its first metric.
func questions(spec sweep.Spec) []sweep.FitAsk {
	if len(spec.Fits) > 0 || len(spec.Metrics()) == 0 {
		return spec.Fits
	}
	return []sweep.FitAsk{{Metric: spec.Metrics()[0]}}
}

// manyRuns is how many runs are fitted without checks by other methods, which take minutes.
const manyRuns = 600

func (r *Report) part(ctx context.Context, ask sweep.FitAsk, runs []sweep.ScoredRun) (Part, error) {
	p := Part{Metric: ask.Metric, Command: study.Ask{FitAsk: ask}.Command(r.Name)}
	var err error
	question := study.Ask{FitAsk: ask, Options: fit.Options{NoChecks: len(runs) > manyRuns}}
	if p.Records, err = question.Fit(ctx, r.Version, r.Name, runs); err != nil {
		return p, err
	}
	var plain []sweep.Run
	for _, run := range runs {
		plain = append(plain, run.Run)
	}
	laws := study.Together(p.Records, plain)
	laws.Title, laws.Subtitle, laws.Unit = r.Name, ask.Metric, study.GMACs.Label()
	if len(laws.Runs) == 0 {
		p.Empty = "No run has been scored on " + ask.Metric + "."
		return p, nil
	}
	in, _, err := laws.Drawn(ctx, false, 4)
	p.Figure = figure.NewLaw(in)
	return p, err
}

// origins are what the runs were made and scored with.
func origins(record sweep.SweepRecord, spec sweep.Spec, fits []fit.Record) []Origin {
	all := []Origin{{"Sweep file", "sha256 " + record.SpecSHA256}, {"Submitted by version", record.CodeVersion}, {"Trainer", spec.Trainer}, {"Compute", sweep.ComputeConvention}}
	if info, ok := sweep.LookupTrainer(spec.Trainer); ok {
		all[2].Value += ", numerics " + info.Revision
	}
	seen := map[Origin]bool{}
	for _, r := range fits {
		for _, in := range r.Inputs {
			for _, sc := range in.Scores {
				seen[Origin{"Scores of " + r.Metric, "task revision " + sc.Revision + ", evaluator " + sc.Evaluator}] = true
			}
		}
	}
	more := slices.Collect(maps.Keys(seen))
	slices.SortFunc(more, func(a, b Origin) int { return slices.Compare([]string{a.What, a.Value}, []string{b.What, b.Value}) })
	return append(all, more...)
}

// runLine is a run behind a law, as a row of words.
func runLines(r fit.Record) (used, left [][]string) {
	for _, in := range r.Inputs {
		for _, run := range in.Runs {
			if in.Used {
				used = append(used, []string{run, fmt.Sprintf("%.4g", in.C), fmt.Sprintf("%.4g", in.E)})
			} else {
				left = append(left, []string{run, in.Reason})
			}
		}
	}
	return used, left
}
