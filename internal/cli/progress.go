package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/scalelaw/scalelaw/sweep"
)

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
	if p.from < 0 || s.done <= p.from { // the rate is of the time since something began to be done
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
