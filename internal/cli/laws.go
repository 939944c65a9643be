package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
)

func onGroup(g *string) string {
	if g == nil {
		return ""
	}
	return " on " + *g
}

// fitView is a stored fit as JSON: its result with where it comes from.
type fitView struct {
	Fit    string  `json:"fit"`
	Sweep  string  `json:"sweep"`
	Metric string  `json:"metric"`
	Stale  *string `json:"stale"` // what changed under it since it was stored; null: nothing did
	fit.Result
}

// views are fits as they are shown: with whether they are stale.
func (s *session) views(ctx context.Context, fits []fit.Record) ([]fitView, error) {
	ids := make([]string, len(fits))
	for i, f := range fits {
		ids[i] = f.ID
	}
	stale, err := s.store.Stale(ctx, ids...)
	if err != nil {
		return nil, err
	}
	views := make([]fitView, len(fits))
	for i, f := range fits {
		views[i] = fitView{Fit: f.ID, Sweep: f.Sweep, Metric: f.Metric, Result: f.Result}
		if reason, is := stale[f.ID]; is {
			views[i].Stale = &reason
		}
	}
	return views, nil
}

// refusals says which fits were refused and why; when all were, that is an error.
func (a *app) refusals(fits []fit.Record) error {
	refused := 0
	for _, f := range fits {
		if f.Result.Status != "ok" {
			refused++
			a.say("refused: %s%s, rule %s: %s [%s]", f.Metric, onGroup(f.Options.Group), f.Options.Rule, f.Result.Reason.Text, f.Result.Reason.Code)
		}
	}
	if refused == 0 || refused < len(fits) {
		return nil
	}
	return silently(errRefused)
}

// printFits shows laws: as JSON or CSV the results, else each with its frontier.
func (s *session) printFits(ctx context.Context, fits []fit.Record) error {
	views, err := s.views(ctx, fits)
	if err != nil {
		return err
	}
	if s.app.config.Output == "csv" {
		s.app.besideTheTable(views)
	}
	if s.app.config.Output != "table" {
		return s.app.print(views, coefficientTable(views))
	}
	out := s.app.stdout
	for _, f := range views {
		fmt.Fprintf(out, "\n%s%s, rule %s (fit %s)\n", f.Metric, onGroup(f.Group), f.Rule, shortID(f.Fit))
		if f.Stale != nil {
			fmt.Fprintf(out, "  %s\n", staleNote(*f.Stale).Text)
		}
		writeResult(out, f.Result)
		fmt.Fprint(out, comparison(f.Metric))
	}
	return nil
}

// comparison is what the errors of an icons metric stand against; of others nothing is known.
func comparison(metric string) string {
	chance, nearest, ok := study.Baselines(metric)
	if !ok {
		return ""
	}
	return fmt.Sprintf("  for comparison: chance %.4f, the nearest training icon's class (1-NN on pixels) %.4f\n", chance, nearest)
}

// writeResult shows one result for people.
func writeResult(w io.Writer, r fit.Result) {
	if r.Status != "ok" {
		fmt.Fprintf(w, "  refused: %s [%s]\n", r.Reason.Text, r.Reason.Code)
		return
	}
	fmt.Fprintf(w, "  %s   R2 %.3f, %d of %d points; C in %s\n", r.Formula, r.R2, r.NUsed, r.NPoints, r.Convention)
	if r.Starts != nil && r.Starts.Count > 1 {
		fmt.Fprintf(w, "  %d of %d starts agree on this optimum, objective %.6g\n", r.Starts.Agree, r.Starts.Count, r.Objective)
	}
	for _, c := range r.Coefficients {
		fmt.Fprintf(w, "  %-5s %9.5g   %.0f %% interval [%.5g, %.5g]\n", c.Name, c.Value, 100*r.Level, c.Interval[0], c.Interval[1])
	}
	writeIntervals(w, r)
	writeFrontier(w, r)
	writeEvidence(w, r)
	for _, p := range r.Predictions {
		fmt.Fprintf(w, "  at C = %.4g: E = %.4f, law [%.4f, %.4f], a new run [%.4f, %.4f]\n", p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1])
		if p.N > 0 {
			fmt.Fprintf(w, "    with N = %.4g, D = %.4g\n", p.N, p.D)
		}
	}
	for _, n := range r.Warnings {
		fmt.Fprintf(w, "  warning: %s [%s]\n", n.Text, n.Code)
	}
}

// longestFrontier is how many points people are shown; -o json has them all.
const longestFrontier = 40

// pointsOf is what the points are that a rule fits the law to.
func pointsOf(rule string) string {
	if rule == "all" || rule == "envelope" {
		return "run"
	}
	return "frontier"
}

func writeFrontier(w io.Writer, r fit.Result) {
	if len(r.Frontier) > longestFrontier {
		fmt.Fprintf(w, "  through %d points, which -o json lists\n", len(r.Frontier))
		return
	}
	t := &table{header: []string{"  " + pointsOf(r.Rule), "C", "E"}}
	for _, p := range r.Frontier {
		t.add("  "+shorten(p.ID), p.C, fmt.Sprintf("%.4f", p.E))
	}
	_ = t.write(w)
}

// shorten cuts ids that are hashes; other names stay whole.
func shorten(id string) string {
	if len(id) == 32 && !strings.ContainsAny(id, " -/") {
		return shortID(id)
	}
	return id
}
