package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"go.temporal.io/api/serviceerror"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

func (a *app) watchCommand() *cobra.Command {
	return &cobra.Command{
		Use: "watch SWEEP", Short: "Follow a sweep to its end and print its laws",
		Example: "  scalelaw watch quickstart",
		Args:    exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTemporal(c.Context(), "watch", func(s *session) error {
				if _, err := s.temporal.DescribeWorkflowExecution(c.Context(), workflows.SweepID(args[0]), ""); err != nil {
					if _, err := s.store.Sweep(c.Context(), args[0]); err != nil {
						return err
					}
				}
				return s.watch(c.Context(), args[0])
			})
		},
	}
}

// pollEvery is how often Postgres is asked how far a sweep is.
const pollEvery = 500 * time.Millisecond

// watch follows a sweep to its end, prints its laws, and gives the error that the exit code
// is made from.
func (s *session) watch(ctx context.Context, name string) error {
	ended := make(chan error, 1)
	go func() { ended <- s.await(ctx, name) }()
	p := s.app.newProgress(name)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			p.show(s.standing(ctx, name))
			p.close()
			if err != nil {
				return err
			}
			return s.conclude(ctx, name)
		case <-tick.C:
			p.show(s.standing(ctx, name))
		}
	}
}

// await waits for the sweep's workflow. Failures of the workflow itself are errors; that runs
// failed is told by Postgres. Servers that are away for a while are waited for.
func (s *session) await(ctx context.Context, name string) error {
	var away time.Time
	for {
		var result workflows.SweepResult
		err := s.temporal.GetWorkflow(ctx, workflows.SweepID(name), "").Get(ctx, &result)
		var gone *serviceerror.NotFound
		var unavailable *serviceerror.Unavailable
		var late *serviceerror.DeadlineExceeded
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &gone):
			return nil // past Temporal's retention: Postgres knows
		case !errors.As(err, &unavailable) && !errors.As(err, &late):
			return fmt.Errorf("sweep %s: %w", name, err)
		}
		if away.IsZero() {
			away = time.Now()
		}
		if time.Since(away) > time.Minute {
			return fmt.Errorf("sweep %s: Temporal %w: %w", name, sweep.ErrUnreachable, err)
		}
		time.Sleep(time.Second)
	}
}

// standing is how far a sweep is; what cannot be read now is shown later.
type standing struct {
	summary sweep.SweepSummary
	done    float64 // GMACs, of finished runs and of the part done of others
}

func (s *session) standing(ctx context.Context, name string) (standing, bool) {
	summary, err := s.store.SweepSummary(ctx, name)
	if err != nil {
		return standing{}, false
	}
	st := standing{summary: summary, done: summary.GMACsDone}
	if summary.Total > 500 {
		return st, true
	}
	runs, err := s.store.SweepRuns(ctx, name)
	if err != nil {
		return st, true
	}
	for _, r := range runs {
		if !r.State.Final() && r.Steps() > 0 {
			st.done += r.GMACsTotal * float64(r.Step) / float64(r.Steps())
		}
	}
	return st, true
}

// progress shows how far a sweep is: a bar on a terminal, a line now and then elsewhere.
type progress struct {
	app   *app
	name  string
	pool  *mpb.Progress
	bar   *mpb.Bar
	last  string
	said  time.Time
	began time.Time
	from  float64 // GMACs that were done at the start
	text  string
}

func (a *app) newProgress(name string) *progress {
	p := &progress{app: a, name: name, began: time.Now(), from: -1}
	if a.terminal() && a.config.Output == "table" {
		p.pool = mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(40))
		p.bar = p.pool.AddBar(1000, mpb.PrependDecorators(decor.Name(name+" ")), mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.text })))
	}
	return p
}

func (p *progress) show(s standing, ok bool) {
	if !ok || s.summary.Total == 0 {
		return
	}
	if p.from < 0 {
		p.from, p.began = s.done, time.Now()
	}
	share := s.done / s.summary.GMACsTotal
	p.text = p.describe(s, share)
	if p.bar != nil {
		p.bar.SetCurrent(int64(1000 * share))
		return
	}
	states := states(s.summary)
	if states != p.last || time.Since(p.said) > 15*time.Second {
		p.app.say("%s: %s", p.name, p.text)
		p.last, p.said = states, time.Now()
	}
}

func (p *progress) describe(s standing, share float64) string {
	text := fmt.Sprintf("%s, %.0f %%", states(s.summary), 100*share)
	seconds := time.Since(p.began).Seconds()
	if rate := (s.done - p.from) / seconds; rate > 0 && seconds > 3 && share < 1 {
		text += fmt.Sprintf(", %.3g GMAC/s, %s left", rate, duration((s.summary.GMACsTotal-s.done)/rate))
	}
	return text
}

func (p *progress) close() {
	if p.bar != nil {
		p.bar.Abort(false)
		p.pool.Wait()
	}
}

// states counts cells in words: "3 of 16 done, 2 running".
func states(s sweep.SweepSummary) string {
	parts := []string{fmt.Sprintf("%d of %d done", s.Counts[sweep.Succeeded], s.Total)}
	for _, state := range []sweep.State{sweep.Running, sweep.Paused, sweep.Failed, sweep.Diverged, sweep.Cancelled} {
		if n := s.Counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	if s.Reused > 0 {
		parts = append(parts, fmt.Sprintf("%d reused", s.Reused))
	}
	return strings.Join(parts, ", ")
}

// conclude prints the laws of a sweep that ended and says, as an error, how it ended.
func (s *session) conclude(ctx context.Context, name string) error {
	summary, err := s.store.SweepSummary(ctx, name)
	if err != nil {
		return err
	}
	fits, err := s.store.Fits(ctx, store.FitFilter{Sweep: name})
	if err != nil {
		return err
	}
	if err := s.app.printFits(fits); err != nil {
		return err
	}
	if summary.State == sweep.Cancelled {
		return fmt.Errorf("the sweep %s was cancelled", name)
	}
	if bad := summary.Counts[sweep.Failed] + summary.Counts[sweep.Diverged]; bad > 0 {
		s.app.say("%d of %d runs did not make it: %s", bad, summary.Total, summary.Reason)
		return silently(errRunsFailed)
	}
	return allRefused(fits)
}

// allRefused is errRefused when there are fits and none is a law.
func allRefused(fits []fit.Record) error {
	for _, f := range fits {
		if f.Result.Status == "ok" {
			return nil
		}
	}
	if len(fits) == 0 {
		return nil
	}
	return silently(errRefused)
}

// printFits shows laws: as JSON or CSV the results, else each with its frontier.
func (a *app) printFits(fits []fit.Record) error {
	if a.config.Output != "table" {
		views := make([]fitView, len(fits))
		for i, f := range fits {
			views[i] = viewOf(f)
		}
		return a.print(views, coefficientTable(fits))
	}
	for _, f := range fits {
		title := f.Metric
		if f.Options.Group != nil {
			title += " on " + *f.Options.Group
		}
		fmt.Fprintf(a.stdout, "\n%s, rule %s (fit %s)\n", title, f.Options.Rule, shortID(f.ID))
		writeResult(a.stdout, f.Result)
	}
	return nil
}

// writeResult shows one result for people.
func writeResult(w io.Writer, r fit.Result) {
	if r.Status != "ok" {
		fmt.Fprintf(w, "  refused: %s [%s]\n", r.Reason.Text, r.Reason.Code)
		return
	}
	fmt.Fprintf(w, "  %s   R2 %.3f, %d of %d points; C in %s\n", r.Formula, r.R2, r.NUsed, r.NPoints, r.Convention)
	for _, c := range r.Coefficients {
		fmt.Fprintf(w, "  %-5s %9.5g   %.0f %% interval [%.5g, %.5g]\n", c.Name, c.Value, 100*r.Level, c.Interval[0], c.Interval[1])
	}
	t := &table{header: []string{"  frontier", "C", "E"}}
	for _, p := range r.Frontier {
		t.add("  "+shorten(p.ID), p.C, fmt.Sprintf("%.4f", p.E))
	}
	if err := t.write(w); err != nil {
		return
	}
	for _, p := range r.Predictions {
		fmt.Fprintf(w, "  at C = %.4g: E = %.4f, law [%.4f, %.4f], a new run [%.4f, %.4f]\n", p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1])
	}
	for _, n := range r.Warnings {
		fmt.Fprintf(w, "  warning: %s [%s]\n", n.Text, n.Code)
	}
}

// shorten cuts ids that are hashes; other names stay whole.
func shorten(id string) string {
	if len(id) == 32 && !strings.ContainsAny(id, " -/") {
		return shortID(id)
	}
	return id
}
