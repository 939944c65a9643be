package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

// limitsWithin is how long a page waits for the limits that a workflow has now; it shows those
// of the spec otherwise.
const limitsWithin = time.Second

// Limits are those of a sweep that runs, as they were set last.
func (b *backend) Limits(ctx context.Context, name string) (l sweep.Limits, err error) {
	ctx, cancel := context.WithTimeout(ctx, limitsWithin)
	defer cancel()
	value, err := b.session.temporal.QueryWorkflow(ctx, workflows.SweepID(name), "", workflows.QueryProgress)
	var p workflows.Progress
	if err == nil {
		err = value.Get(&p)
	}
	if err != nil {
		return l, forPages(fmt.Errorf("ask sweep %s for its limits: %w", name, err))
	}
	return sweep.Limits{Concurrency: p.Concurrency, GPUHours: p.GPULimit}, nil
}
