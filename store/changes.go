package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// Change is something that changed, with what a page needs to show it. A run that is in several
// sweeps gives one for each. When very many runs change at once, Run is empty: read them again.
type Change struct {
	Kind             string      `json:"kind"` // run, progress, attempt, checkpoint, score, exclusion, sweep, fit or prediction
	Sweep            string      `json:"sweep,omitempty"`
	Run              string      `json:"run,omitempty"`
	State            sweep.State `json:"state,omitempty"` // of the run or, where Kind is sweep, of that; deleted: it is gone
	Step             int64       `json:"step,omitempty"`
	Loss             *float64    `json:"loss,omitempty"`
	SamplesPerSecond *float64    `json:"samples_per_second,omitempty"`
	Fit              string      `json:"fit,omitempty"`
	Metric           string      `json:"metric,omitempty"`
}

// Listen gives every change from now on to each, in the order that they were committed, until
// ctx is over or the connection is lost; ready is called once nothing is missed any more. It
// holds one connection of its own and asks nothing: Postgres tells. The connection must be a
// session: a pooler that shares connections between transactions loses what it listens to.
func (s *Store) Listen(ctx context.Context, ready func(), each func(Change)) error {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return wrap("listen to changes", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen scalelaw_changes"); err != nil {
		return wrap("listen to changes", err)
	}
	ready()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return wrap("listen to changes", err)
		}
		var c Change
		if err := json.Unmarshal([]byte(n.Payload), &c); err != nil {
			return fmt.Errorf("listen to changes: %q: %w", n.Payload, err)
		}
		each(c)
	}
}
