package workflows

import (
	"context"

	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/sweep"
)

// The sweeps whose histories are recorded.

func (r *recorder) trained(scenario string) {
	text := r.text(r.name(scenario), "clip", "6K", 2)
	name := nameIn(text)
	run := r.start(name, text, SweepInput{})
	cell := r.until(name, inFlight(1)).InFlight[0]
	r.end(run)
	r.keep(scenario+"-sweep", SweepID(name), run.GetRunID())
	r.keep(scenario+"-run", RunID(cell), "")
	r.keep(scenario+"-fit", SweepID(name)+"/fit", "")
	look, err := r.c.ExecuteWorkflow(context.Background(), client.StartWorkflowOptions{ID: "evaluate/" + name, TaskQueue: TaskQueue},
		EvaluateWorkflow, EvaluateInput{Sweep: name, Tasks: []string{"icons-shift"}})
	if err == nil {
		err = look.Get(context.Background(), nil)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.keep(scenario+"-evaluate", look.GetID(), look.GetRunID())
}

func (r *recorder) paused(scenario string) {
	text := r.text(r.name(scenario), "clip", "128K", 1)
	name := nameIn(text)
	run := r.start(name, text, SweepInput{})
	cell := r.until(name, inFlight(1)).InFlight[0]
	r.update(name, UpdatePause)
	r.update(name, UpdateResume)
	r.update(name, UpdateSetConcurrency, 3)
	r.update(name, UpdateSetGPUHours, 5.)
	r.end(run)
	r.keep(scenario+"-sweep", SweepID(name), run.GetRunID())
	r.keep(scenario+"-run", RunID(cell), "")
}

func (r *recorder) cancelled(scenario string) {
	text := r.text(r.name(scenario), "clip", "128K", 3)
	name := nameIn(text)
	run := r.start(name, text, SweepInput{})
	cell := r.until(name, inFlight(2)).InFlight[0]
	r.update(name, UpdateCancel)
	r.end(run)
	r.keep(scenario+"-sweep", SweepID(name), run.GetRunID())
	r.keep(scenario+"-run", RunID(cell), "")
}

// shared has two sweeps of one run: the second joins it, and the first lets it go.
func (r *recorder) shared(scenario string) {
	text := r.text(r.name(scenario), "clip", "128K", 1)
	first := nameIn(text)
	second := first + "-b"
	one := r.start(first, text, SweepInput{})
	cell := r.until(first, inFlight(1)).InFlight[0]
	two := r.start(second, r.textOf(second, "clip", "128K", 1), SweepInput{})
	r.until(second, inFlight(1))
	r.update(first, UpdateCancel)
	r.end(two)
	r.end(one)
	r.keep(scenario+"-first-sweep", SweepID(first), one.GetRunID())
	r.keep(scenario+"-second-sweep", SweepID(second), two.GetRunID())
	r.keep(scenario+"-run", RunID(cell), "")
}

func (r *recorder) extended(scenario string) {
	text := r.text(r.name(scenario), "clip", "32K", 2)
	name := nameIn(text)
	run := r.start(name, text, SweepInput{})
	r.until(name, inFlight(2))
	r.update(name, UpdateExtend, ExtendInput{Spec: r.json(r.textOf(name, "clip", "32K", 3))})
	r.update(name, UpdateRetry, RetryInput{Diverged: true})
	r.end(run)
	r.keep(scenario+"-sweep", SweepID(name), run.GetRunID())
}

func (r *recorder) continued(scenario string) {
	text := r.text(r.name(scenario), "surface", "1M", 24)
	name := nameIn(text)
	run := r.start(name, text, SweepInput{NoBatch: true, EventsPerRun: 100})
	first := run.GetRunID() // run moves on to those that it continues as
	r.end(run)
	r.keep(scenario+"-sweep", SweepID(name), first)
}

func (r *recorder) batched(scenario string) {
	text := r.text(r.name(scenario), "surface", "1M", 30)
	name := nameIn(text)
	run := r.start(name, text, SweepInput{})
	r.end(run)
	r.keep(scenario+"-sweep", SweepID(name), run.GetRunID())
}

// nameIn is the name in a sweep file's first line.
func nameIn(text string) string {
	spec, err := sweep.Parse([]byte(text), sweep.ParseOptions{})
	if err != nil {
		return ""
	}
	return spec.Name
}

func inFlight(n int) func(Progress) bool {
	return func(p Progress) bool { return len(p.InFlight) >= n }
}
