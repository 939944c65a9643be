package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip"
)

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
			scores, err := clip.Trainer{Engine: a.engine()}.Evaluate(c.Context(), trainer.EvalJob{Run: run, Weights: weights, Tasks: tasks})
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
