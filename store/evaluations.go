package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// execer is a pool or a transaction.
type execer interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// AddEvaluations records scores; a key that is there keeps its value. Registered predictions
// of these runs are scored with them.
func (s *Store) AddEvaluations(ctx context.Context, rows []sweep.Evaluation) error {
	return wrap("record evaluations", addEvaluations(ctx, s.pool, rows))
}

func addEvaluations(ctx context.Context, to execer, rows []sweep.Evaluation) error {
	var run, task, metric, revision, evaluator []string
	var step, samples []int64
	var value []float64
	for _, e := range rows {
		run, step, task = append(run, e.RunID), append(step, e.Step), append(task, e.Task)
		metric, revision, evaluator = append(metric, e.Metric), append(revision, e.Revision), append(evaluator, e.Evaluator)
		value, samples = append(value, e.Value), append(samples, e.Samples)
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		insert into evaluations (run_key, step, task, metric, revision, evaluator, value, samples)
		select r.run_key, p.step, p.task, p.metric, p.revision, p.evaluator, p.value, p.samples
		from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::bigint[])
		     as p (run, step, task, metric, revision, evaluator, value, samples) join runs r using (run)
		on conflict do nothing`, run, step, task, metric, revision, evaluator, value, samples)
	batch.Queue(scoreByRun, run)
	return to.SendBatch(ctx, batch).Close()
}

// Evaluations lists a run's scores, of every checkpoint.
func (s *Store) Evaluations(ctx context.Context, runID string) ([]sweep.Evaluation, error) {
	return read(ctx, s, "list evaluations of run "+runID, scanEvaluation, evaluationsOfRun, runID)
}

func scanEvaluation(row pgx.CollectableRow) (e sweep.Evaluation, err error) {
	err = row.Scan(&e.RunID, &e.Step, &e.Task, &e.Metric, &e.Revision, &e.Evaluator, &e.Value, &e.Samples)
	return e, err
}

const evaluationsOfRun = `
		select r.run, e.step, e.task, e.metric, e.revision, e.evaluator, e.value, e.samples
		from runs r join evaluations e using (run_key) where r.run = $1 order by e.step, e.task, e.metric, e.revision, e.evaluator`

// ClaimBatch takes up to limit runs of a sweep for a batched trainer, in plan order. Each
// that is planned is given out once, whoever asks. When none is left, those that some batch
// claimed and did not finish are given out again: its worker may have died.
func (s *Store) ClaimBatch(ctx context.Context, name string, limit int) ([]sweep.Run, error) {
	claimed, err := s.claim(ctx, name, limit, "r.state in ('planned', 'queued')")
	if err != nil || len(claimed) > 0 {
		return claimed, err
	}
	return s.claim(ctx, name, limit, "r.state = 'running' and not exists (select from attempts a where a.run_key = r.run_key)")
}

// claim takes runs that satisfy one of ClaimBatch's two conditions. The condition is looked
// at again once the run is locked, so that a run just claimed by another is left out.
func (s *Store) claim(ctx context.Context, name string, limit int, condition string) ([]sweep.Run, error) {
	return read(ctx, s, "claim runs of sweep "+name, scanRun, `
		with chosen as (
			select r.run_key, sr.ordinal from sweeps s join sweep_runs sr using (sweep_key) join runs r using (run_key)
			where s.name = $1 and `+condition+`
			order by sr.ordinal limit $2 for update of r skip locked
		), taken as (
			update runs r set state = 'running' from chosen where r.run_key = chosen.run_key returning r.resolved, chosen.ordinal
		)
		select resolved from taken order by ordinal`, name, limit)
}

// FinishBatch stores the scores of claimed runs and marks them succeeded, all or nothing.
func (s *Store) FinishBatch(ctx context.Context, runs []sweep.Run, scores []sweep.Evaluation) error {
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := addEvaluations(ctx, tx, scores); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "update runs set state = 'succeeded', ended_at = coalesce(ended_at, now()) where run = any($1)", ids)
		return err
	})
	return wrap("finish a batch of runs", err)
}
