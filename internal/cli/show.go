package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show RUN", Short: "One run: recipe, attempts, checkpoints, evaluations", Example: "  scalelaw show 3f9a12", Args: exactly("a run's id or its beginning"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "show", func(s *session) error {
				v, err := s.store.RunDetail(c.Context(), args[0])
				if err != nil {
					return err
				}
				if a.config.Output == "json" {
					return writeJSON(a.stdout, v)
				}
				return a.showRun(v)
			})
		},
	}
}

func (a *app) showRun(v store.RunDetail) error {
	facts := &table{}
	facts.add("run", v.ID)
	facts.add("state", v.State)
	facts.add("reason", v.Reason)
	facts.add("model", fmt.Sprintf("%s, %d parameters", v.Model.Name, v.Model.Params()))
	facts.add("data", fmt.Sprintf("%s, %d pairs", v.Data.Name, v.Data.Pairs))
	facts.add("samples seen", fmt.Sprintf("%d (asked for %d)", v.ActualSamplesSeen, v.SamplesSeen))
	facts.add("compute", fmt.Sprintf("%.6g GMACs", v.GMACsTotal))
	facts.add("recipe", recipeText(v.Recipe))
	facts.add("trainer", v.TrainerRevision)
	facts.add("sweeps", strings.Join(v.Sweeps, ", "))
	attempts := &table{header: []string{"attempt", "worker", "device", "from step", "started", "seconds", "outcome", "error"}}
	for _, t := range v.Tries {
		attempts.add(t.Number, t.Worker, t.Device, t.ResumedFrom, t.StartedAt, t.DeviceSeconds, t.Outcome, t.Error)
	}
	checkpoints := &table{header: []string{"checkpoint at step", "samples seen", "kept", "sha256", "where"}}
	for _, c := range v.Checkpoints {
		checkpoints.add(c.Step, c.SamplesSeen, c.Kept, id(c.Weights.SHA256), c.Weights.URI)
	}
	scores := &table{header: []string{"metric", "step", "value", "samples", "revision", "evaluator"}}
	for _, e := range v.Evaluations {
		scores.add(e.Task+"/"+e.Metric, e.Step, e.Value, e.Samples, e.Revision, e.Evaluator)
	}
	tables := []*table{facts, attempts, checkpoints, scores}
	if len(v.Exclusions) > 0 {
		tables = append(tables, exclusionTable(v.Exclusions))
	}
	for _, t := range tables {
		if err := a.print(v, t); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout)
	}
	return nil
}

// recipeText is a recipe in the words of a sweep file.
func recipeText(r sweep.Recipe) string {
	text := fmt.Sprintf("batch_size: %d, learning_rate: %g, warmup: %d, weight_decay: %g, beta1: %g, beta2: %g, eps: %g, schedule: %s, precision: %s",
		r.BatchSize, r.LearningRate, r.WarmupSteps, r.WeightDecay, r.Beta1, r.Beta2, r.Eps, r.Schedule, r.Precision)
	if r.Order != "" {
		text += ", order: " + r.Order
	}
	if r.Augment != "" {
		text += ", augment: " + r.Augment
	}
	if r.AccumFreq > 1 {
		text += fmt.Sprintf(", accum_freq: %d", r.AccumFreq)
	}
	if r.GradCheckpointing {
		text += ", grad_checkpointing: true"
	}
	if r.Device != "" {
		text += ", device: " + r.Device
	}
	if r.Devices > 1 {
		text += fmt.Sprintf(", devices: %d", r.Devices)
	}
	return text
}
