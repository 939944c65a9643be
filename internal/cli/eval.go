package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
)

func (a *app) evalCommand() *cobra.Command {
	var tasks []string
	var model, device string
	f := &testFlags{}
	var threads int
	c := &cobra.Command{
		Use: "eval CHECKPOINT", Short: "Evaluate a model of train's or of open_clip's, a folder or a file", Args: exactly("a folder or file with a model"),
		Example: "  scalelaw eval w8 --tasks icons-test,icons-retrieval\n  scalelaw eval model --test imagenet/val --retrieval 'coco/{00..04}.tar'\n  scalelaw eval logs/run/checkpoints/epoch_32.pt --model ViT-B-32",
		RunE: func(c *cobra.Command, args []string) error {
			if err := errors.Join(f.check(), checkThreads(threads)); err != nil {
				return err
			}
			if len(tasks) == 0 {
				return usage("--tasks is empty; it takes %s", strings.Join(clip.Trainer{}.Tasks(), ", "))
			}
			engine, err := a.engineAt(device)
			if err != nil {
				return err
			}
			saved, err := a.openModel(args[0], model)
			if err != nil {
				return err
			}
			var scores []sweep.Score
			if !f.given() || c.Flags().Changed("tasks") {
				if scores, err = (clip.Trainer{Engine: engine}).Score(c.Context(), saved.Run, saved.Tensors, tasks, threads); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
			}
			if f.given() {
				found, err := a.scoreFiles(c.Context(), engine, saved, f, threads)
				if err != nil {
					return err
				}
				scores = append(scores, found...)
			}
			t := &table{header: []string{"metric", "value", "samples", "revision", "evaluator"}}
			for _, s := range scores {
				t.add(s.Task+"/"+s.Metric, s.Value, s.Samples, s.Revision, s.Evaluator)
			}
			return a.print(scores, t)
		},
	}
	c.Flags().StringSliceVar(&tasks, "tasks", []string{"icons-test", "icons-shift", "icons-retrieval"}, "evaluation tasks; with --test or --retrieval only those that are given")
	c.Flags().StringVar(&model, "model", "", "what a file with weights holds: model of the catalogue, or path of an open_clip model JSON file")
	f.add(c.Flags())
	deviceFlag(c.Flags(), &device)
	c.Flags().IntVar(&threads, "threads", 0, "threads (0: all cores)")
	return c
}

// openModel opens a trained model; model says what a file holds ("": the files beside it do). A folder that
// train wrote says it itself, and another model is refused.
func (a *app) openModel(path, model string) (*clip.Saved, error) {
	known, err := namedModel(model)
	if err != nil {
		return nil, err
	}
	saved, err := clip.OpenSaved(path, known)
	if err != nil {
		return nil, usage("%v", err)
	}
	if known != nil && saved.Run.ID != "" && saved.Run.Model.Name != known.Name {
		return nil, usage("--model %s: %s says itself that it holds %s; leave --model out", model, path, saved.Run.Model.Name)
	}
	if saved.Assumed {
		a.say("%s says nothing of its model: by its shapes it is taken for %s; --model says another", path, saved.Run.Model.Name)
	}
	return saved, nil
}

// among is the name that was meant, or all that there are.
func among(written string, names []string) string {
	if best := sweep.Nearest(written, names); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; the catalogue has " + strings.Join(names, ", ")
}

// namedModel is a model of the catalogue or of an open_clip model JSON file; nil for "".
func namedModel(name string) (*sweep.Model, error) {
	if name == "" {
		return nil, nil
	}
	if m, ok := sweep.LookupModel(name); ok {
		return &m, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		var known []string
		for _, m := range sweep.Models() {
			known = append(known, m.Name)
		}
		return nil, usage("unknown model %q: neither in the catalogue nor a file%s", name, among(name, known))
	}
	o, err := sweep.ReadModel(text)
	if err != nil {
		return nil, usage("--model %s: %v", name, err)
	}
	return &sweep.Model{Name: name, OpenCLIP: o}, nil
}
