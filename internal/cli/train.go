package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip"
)

func (a *app) trainCommand() *cobra.Command {
	f := &trainFlags{}
	c := &cobra.Command{
		Use: "train", Short: "Train one model by hand, into a folder; no servers", Args: exactly(),
		Example: "  scalelaw train --model icons-w8 --data icons-6k --samples-seen 64K --out w8",
		RunE:    func(c *cobra.Command, _ []string) error { return a.train(c.Context(), f, c.Flags().Changed) },
	}
	o := c.Flags()
	for _, c := range f.choices() {
		o.StringVar(c.value, c.flag, c.has[0], c.text)
	}
	o.StringVar(&f.model, "model", "", "model of the catalogue, or path of an open_clip model JSON file")
	o.StringVar(&f.data, "data", "", "data set of the catalogue, or files: shards such as 'x/{00..31}.tar', or a CSV table")
	f.files.add(o)
	o.StringVar(&f.samples, "samples-seen", "", "samples to train on; K, M, B")
	o.StringVar(&f.init, "init", "", "begin with the weights of this folder or file")
	o.StringVar(&f.out, "out", "", "folder for the model; one that was interrupted goes on")
	o.Int64Var(&f.seed, "seed", 0, "seed of weights, order and shifts")
	o.Int64Var(&f.batch, "batch-size", 0, "global batch size")
	o.Float64Var(&f.rate, "learning-rate", 0, "peak learning rate")
	o.Float64Var(&f.decay, "weight-decay", 0, "decoupled weight decay")
	o.Float64Var(&f.beta1, "beta1", 0, "AdamW's first beta")
	o.Float64Var(&f.beta2, "beta2", 0, "AdamW's second beta")
	o.Float64Var(&f.eps, "eps", 0, "AdamW's epsilon")
	o.StringVar(&f.warmup, "warmup", "", "steps, or a share of them such as 5%")
	o.StringVar(&f.schedule, "schedule", "", "cosine or constant")
	deviceFlag(o, &f.device)
	o.StringVar(&f.precision, "precision", sweep.PrecisionFP32, precisionText)
	o.Int64Var(&f.accumulate, "accum-freq", 1, "parts that a batch is taken in, to save memory; the loss is over the whole batch")
	o.BoolVar(&f.checkpointing, "grad-checkpointing", false, "compute activations again instead of keeping them: less memory, the same result")
	o.IntVar(&f.threads, "threads", 0, "threads (0: all cores; never changes the result)")
	return c
}

func (a *app) train(ctx context.Context, f *trainFlags, changed func(string) bool) error {
	spec, err := f.spec(ctx, changed)
	if err != nil {
		return err
	}
	spec.Fits = nil // one run gives no law: nothing to warn of
	plan, err := sweep.Plan(spec, nil, nil)
	if err != nil {
		return err
	}
	a.warnOfPlan(plan)
	run := plan.Runs[0].Run
	engine, err := a.trainEngine(f.engine, &run)
	if err != nil {
		return err
	}
	init, err := f.initial(&run)
	if err != nil {
		return err
	}
	folder, err := clip.CreateFolder(f.out, run, a.reportSteps())
	if err != nil {
		return err
	}
	defer folder.Close()
	resume, err := folder.Resume()
	if err != nil {
		return err
	}
	if resume != nil {
		a.say("going on at step %d of %d", resume.Step, run.Steps())
	}
	result, err := clip.Trainer{Engine: engine}.Train(ctx, trainer.Job{Run: run, Keep: run.KeepSteps(), Resume: resume, Threads: f.threads, Device: f.device, LogEvery: 1, Init: init, Warn: a.warnOf(run)}, folder)
	if interrupted(ctx) {
		return fmt.Errorf("stopped at step %d of %d; the same command goes on there", result.Steps, run.Steps())
	}
	if err != nil {
		return err
	}
	if result.Diverged != nil {
		return fmt.Errorf("the run %w: %s", sweep.ErrDiverged, result.Diverged.Reason)
	}
	t := &table{header: []string{"run", "model", "steps", "folder"}}
	t.add(id(run.ID), run.Model.Name, result.Steps, f.out)
	return a.print(map[string]any{"run": run.ID, "steps": result.Steps, "folder": f.out}, t)
}

// warnOf says what whoever uses the run's model should know.
func (a *app) warnOf(run sweep.Run) func(string) {
	return func(text string) { a.say("warning: run %s %s", id(run.ID), text) }
}

// reportSteps tells how training goes, every few seconds.
func (a *app) reportSteps() func(trainer.Progress) {
	last := time.Now()
	return func(p trainer.Progress) {
		if time.Since(last) < 2*time.Second {
			return
		}
		last = time.Now()
		left := float64(p.Steps-p.Step) * float64(p.SamplesSeen) / float64(p.Step) / p.SamplesPerSecond
		a.say("step %d of %d, loss %.3f, %.0f samples/s, %s left", p.Step, p.Steps, p.Loss, p.SamplesPerSecond, duration(left))
	}
}
