package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

func (a *app) submitCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "submit SPEC", Short: "Start a sweep and return; workers do it",
		Example: "  scalelaw submit examples/icons-ladder.yaml --yes",
		Args:    exactly("a sweep file"),
		RunE: func(c *cobra.Command, args []string) error {
			spec, asJSON, err := a.readSpec(c.Context(), args[0])
			if err != nil {
				return err
			}
			if err := available(spec); err != nil {
				return err
			}
			return a.withTemporal(c.Context(), "submit", func(s *session) error { return s.submit(c.Context(), spec, asJSON, yes) })
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (s *session) submit(ctx context.Context, spec *sweep.Spec, asJSON []byte, yes bool) error {
	record, err := s.sameSweep(ctx, spec)
	if err != nil {
		return err
	}
	plan, err := s.planWith(ctx, spec)
	if err != nil {
		return err
	}
	s.app.sayTotals(plan)
	if record != nil {
		s.app.say("the sweep %s is there already (%s); it goes on", spec.Name, record.State)
	} else if ok, err := s.app.confirm("Submit it?", yes); err != nil || !ok {
		return err
	}
	if err := s.launch(ctx, "submit", spec, asJSON); err != nil {
		return err
	}
	if s.running != nil {
		s.app.say("no worker is up: `scalelaw up` does the work")
	}
	fmt.Fprintln(s.app.stdout, spec.Name)
	return nil
}

// launch starts the sweep that somebody asked for.
func (s *session) launch(ctx context.Context, verb string, spec *sweep.Spec, asJSON []byte) error {
	return s.audited(ctx, verb, spec.Name, "", func() error {
		_, err := s.startSweep(ctx, workflows.SweepInput{Name: spec.Name, Spec: asJSON}, spec.Trainer)
		return err
	})
}

// confirm asks on a terminal; elsewhere, and with yes, the answer is yes.
func (a *app) confirm(question string, yes bool) (bool, error) {
	if yes || !a.terminal() || !isTerminal(a.stdin) {
		return true, nil
	}
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "y"), nil
}

// startSweep starts a sweep's workflow, or finds the one that runs.
func (s *session) startSweep(ctx context.Context, in workflows.SweepInput, trainer string) (client.WorkflowRun, error) {
	in.CodeVersion, in.Pages = Version(), s.addresses.Web
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.SweepID(in.Name), TaskQueue: workflows.TaskQueue,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            "sweep " + in.Name,
		StaticDetails:            aboutSweep(in, trainer),
		Memo:                     map[string]any{"sweep": in.Name, "version": in.CodeVersion},
		TypedSearchAttributes:    temporal.NewSearchAttributes(workflows.AttributeSweep.ValueSet(in.Name), workflows.AttributeTrainer.ValueSet(trainer)),
	}, workflows.SweepWorkflow, in)
	if err != nil {
		return nil, fmt.Errorf("start the workflow of sweep %s: %w", in.Name, err)
	}
	return run, nil
}

// aboutSweep is what Temporal's UI says of a sweep whatever becomes of it, as Markdown.
func aboutSweep(in workflows.SweepInput, trainer string) string {
	text := "A sweep of scalelaw " + in.CodeVersion
	if trainer != "" {
		text += ", trained by " + trainer
	}
	if in.Pages != "" {
		text += ": [its pages](" + in.Pages + "/sweeps/" + in.Name + ")"
	}
	return text
}
