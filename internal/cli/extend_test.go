package cli

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

// noTemporal takes an update and fails.
type noTemporal struct {
	client.Client
	asked client.UpdateWorkflowOptions
}

func (n *noTemporal) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	n.asked = o
	return nil, errors.New("not today")
}

// extend says what the wider grid takes before it asks, as submit does.
func TestExtendShowsThePlan(t *testing.T) {
	w := newWorld(t)
	text, err := os.ReadFile("testdata/quickstart.yaml")
	must(t, err)
	spec, err := sweep.Parse([]byte(strings.Replace(string(text), "[128K, 256K]", "[128K, 256K, 512K]", 1)), sweep.ParseOptions{})
	must(t, err)
	asJSON, err := specJSON(spec)
	must(t, err)
	var errs strings.Builder
	temporal := &noTemporal{}
	s := &session{app: &app{stdin: strings.NewReader(""), stderr: &errs, getenv: w.getenv}, store: w.store, temporal: temporal}
	if err := s.extend(ctx, spec, asJSON, true); err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("%v", err)
	}
	has(t, "stderr", errs.String(), "24 runs (14 reused)")
	equal(t, "the update", []string{temporal.asked.WorkflowID, temporal.asked.UpdateName}, []string{workflows.SweepID("quickstart"), workflows.UpdateExtend})
}
