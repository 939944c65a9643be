package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// RunDetail is everything about one run but its metrics.
type RunDetail struct {
	sweep.RunSummary
	Sweeps      []string           `json:"sweeps"`
	Tries       []sweep.Attempt    `json:"attempt_list"`
	Checkpoints []sweep.Checkpoint `json:"checkpoint_list"`
	Evaluations []sweep.Evaluation `json:"evaluations"`
	Exclusions  []Exclusion        `json:"exclusions"` // withdrawn ones too
	Fits        []string           `json:"fits"`       // those that have it among their inputs, used or not
}

// RunDetail reads the run whose id begins with prefix. All but finding it is one round trip.
func (s *Store) RunDetail(ctx context.Context, prefix string) (d RunDetail, err error) {
	if d.RunSummary, err = s.FindRun(ctx, prefix); err != nil {
		return d, err
	}
	batch := &pgx.Batch{}
	queue(batch, &d.Sweeps, pgx.RowTo[string], sweepsOfRun, d.ID)
	queue(batch, &d.Tries, scanAttempt, attemptsOfRun, d.ID)
	queue(batch, &d.Checkpoints, scanCheckpoint, checkpointsOfRun, d.ID)
	queue(batch, &d.Evaluations, scanEvaluation, evaluationsOfRun, d.ID)
	queue(batch, &d.Exclusions, scanExclusion, exclusions, d.ID, "", false)
	queue(batch, &d.Fits, pgx.RowTo[string], fitsOfRun, d.ID)
	return d, wrap("read run "+d.ID, s.pool.SendBatch(ctx, batch).Close())
}

// queue adds a query to a batch, whose rows go into to.
func queue[T any](b *pgx.Batch, to *[]T, row pgx.RowToFunc[T], query string, args ...any) {
	b.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectRows(rows, row)
		return err
	})
}
