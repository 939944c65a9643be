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

// trainFlags describe one run by hand: a sweep of one cell.
type trainFlags struct {
	model, data, samples, out      string
	warmup, schedule               string
	seed                           int64
	batch                          int64
	rate, decay, beta1, beta2, eps float64
	threads                        int
}

func (a *app) trainCommand() *cobra.Command {
	f := &trainFlags{}
	c := &cobra.Command{
		Use: "train", Short: "Train one model by hand, into a folder; no servers", Args: exactly(),
		Example: "  scalelaw train --model icons-w8 --data icons-6k --samples-seen 64K --out w8",
		RunE:    func(c *cobra.Command, _ []string) error { return a.train(c.Context(), f, c.Flags().Changed) },
	}
	o := c.Flags()
	o.StringVar(&f.model, "model", "", "model of the catalogue")
	o.StringVar(&f.data, "data", "", "data set of the catalogue")
	o.StringVar(&f.samples, "samples-seen", "", "samples to train on; K, M, B")
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
	o.IntVar(&f.threads, "threads", 0, "threads (0: all cores; never changes the result)")
	return c
}

// spec writes the flags as the sweep file that they stand for, so that they are read by the
// same rules and give the same run as a cell of a sweep.
func (f *trainFlags) spec(changed func(string) bool) (*sweep.Spec, error) {
	if f.model == "" || f.data == "" || f.samples == "" || f.out == "" {
		return nil, usage("--model, --data, --samples-seen and --out are needed")
	}
	text := fmt.Sprintf("name: by-hand\ntrainer: clip\ninclude:\n  - {model: %q, data: %q, samples_seen: %q, seed: %d}\n", f.model, f.data, f.samples, f.seed)
	recipe := ""
	for _, field := range []struct {
		flag, key string
		value     any
	}{
		{"batch-size", "batch_size", f.batch}, {"learning-rate", "learning_rate", f.rate}, {"weight-decay", "weight_decay", f.decay},
		{"beta1", "beta1", f.beta1}, {"beta2", "beta2", f.beta2}, {"eps", "eps", f.eps},
		{"warmup", "warmup", f.warmup}, {"schedule", "schedule", f.schedule},
	} {
		if changed(field.flag) {
			recipe += fmt.Sprintf("  %s: %v\n", field.key, field.value)
		}
	}
	if recipe != "" {
		text += "recipe:\n" + recipe
	}
	spec, err := sweep.Parse([]byte(text), sweep.ParseOptions{})
	if err != nil {
		return nil, fmt.Errorf("the flags: %w", err)
	}
	return spec, nil
}

func (a *app) train(ctx context.Context, f *trainFlags, changed func(string) bool) error {
	spec, err := f.spec(changed)
	if err != nil {
		return err
	}
	plan, err := sweep.Plan(spec, nil, nil)
	if err != nil {
		return err
	}
	run := plan.Runs[0].Run
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
	result, err := clip.Trainer{}.Train(ctx, trainer.Job{Run: run, Keep: run.KeepSteps(), Resume: resume, Threads: f.threads}, folder)
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
	t.add(run.ID, run.Model.Name, result.Steps, f.out)
	return a.print(map[string]any{"run": run.ID, "steps": result.Steps, "folder": f.out}, t)
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

func (a *app) evalCommand() *cobra.Command {
	var tasks []string
	c := &cobra.Command{
		Use: "eval CHECKPOINT", Short: "Evaluate a model that was trained by hand", Args: exactly("a folder with a model"),
		Example: "  scalelaw eval w8 --tasks icons-test,icons-retrieval",
		RunE: func(c *cobra.Command, args []string) error {
			run, err := clip.ReadRun(args[0])
			if err != nil {
				return usage("%v", err)
			}
			weights := clip.Weights(args[0])
			if err := clip.CheckWeights(run, weights); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			scores, err := clip.Trainer{}.Evaluate(c.Context(), trainer.EvalJob{Run: run, Weights: weights, Tasks: tasks})
			if err != nil {
				return err
			}
			t := &table{header: []string{"metric", "value", "samples", "revision", "evaluator"}}
			for _, s := range scores {
				t.add(s.Task+"/"+s.Metric, s.Value, s.Samples, s.Revision, s.Evaluator)
			}
			return a.print(scores, t)
		},
	}
	c.Flags().StringSliceVar(&tasks, "tasks", []string{"icons-test", "icons-shift", "icons-retrieval"}, "evaluation tasks")
	return c
}
