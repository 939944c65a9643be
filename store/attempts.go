package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// BeginAttempt opens the next attempt of a run, closes an open one as lost when it last wrote
// (nobody knows of a device's work since, and its worker may have been away for a night), marks the run as
// running, and removes metrics, with what was made of them, and checkpoints after a.ResumedFrom, which this attempt will
// write again. All is one round trip; the run is locked by a statement of its own, so that the
// next one sees an attempt that began meanwhile.
func (s *Store) BeginAttempt(ctx context.Context, a sweep.Attempt) (number int, err error) {
	batch := &pgx.Batch{}
	batch.Queue("select from runs where run = $1 for no key update", a.RunID)
	batch.Queue(`
		with run as (
			update runs set state = 'running', reason = '', ended_at = null where run = $1 and state <> 'succeeded' returning run_key
		), lost as (
			update attempts a set outcome = 'lost', ended_at = seen.at, error = 'the worker went away',
			       device_seconds = extract(epoch from seen.at - a.started_at)
			from (select o.run_key, o.attempt, greatest(o.started_at, least(coalesce(p.at, o.started_at), $7)) as at
				from run join attempts o using (run_key) left join run_progress p using (run_key) where o.outcome = 'running') seen
			where a.run_key = seen.run_key and a.attempt = seen.attempt returning 1
		), stale as (
			delete from metrics using run where metrics.run_key = run.run_key and step > $6 returning 1
		), buckets as (
			delete from metric_buckets b using run join runs r using (run_key)
			where b.run_key = run.run_key and b.bucket >= $6 / bucket_width(r) returning 1
		), rewound as (
			update run_progress p set step = $6, at = $7, samples_seen = coalesce(last.samples_seen, 0), loss = last.value
			from run left join lateral (select samples_seen, value from metrics x join metric_names n using (name_key)
				where x.run_key = run.run_key and n.name = 'loss' and x.step <= $6 order by x.step desc limit 1) last on true
			where p.run_key = run.run_key and p.step > $6 returning 1
		), gone as (
			delete from checkpoints using run where checkpoints.run_key = run.run_key and step > $6 returning 1
		)
		insert into attempts (run_key, attempt, worker, host, device, resumed_from_step, started_at, outcome)
		select run_key, coalesce((select max(attempt) from attempts o where o.run_key = run.run_key), 0) + 1, $2, $3, $4, $6, $7, $5
		from run returning attempt`,
		a.RunID, a.Worker, a.Host, a.Device, sweep.Running, a.ResumedFrom, a.StartedAt,
	).QueryRow(func(row pgx.Row) error { return row.Scan(&number) })
	return number, wrap("begin an attempt at run "+a.RunID, s.pool.SendBatch(ctx, batch).Close())
}

// EndAttempt closes an attempt; one that was closed before stays as it is.
func (s *Store) EndAttempt(ctx context.Context, a sweep.Attempt) error {
	_, err := s.exec(ctx, fmt.Sprintf("end attempt %d at run %s", a.Number, a.RunID), `
		update attempts set ended_at = $3, device_seconds = $4, outcome = $5, error = $6, device = coalesce(nullif($7, ''), device)
		where run_key = (select run_key from runs where run = $1) and attempt = $2 and outcome = 'running'`,
		a.RunID, a.Number, a.EndedAt, a.DeviceSeconds, a.Outcome, a.Error, a.Device)
	return err
}

// Attempts lists the attempts at a run, first to last.
func (s *Store) Attempts(ctx context.Context, runID string) ([]sweep.Attempt, error) {
	return read(ctx, s, "list attempts at run "+runID, scanAttempt, attemptsOfRun, runID)
}

const attemptsOfRun = `
		select r.run, attempt, worker, host, device, resumed_from_step, started_at, coalesce(a.ended_at, '0001-01-01Z'::timestamptz),
		       device_seconds, outcome, error
		from runs r join attempts a using (run_key) where r.run = $1 order by attempt`

func scanAttempt(row pgx.CollectableRow) (a sweep.Attempt, err error) {
	err = row.Scan(&a.RunID, &a.Number, &a.Worker, &a.Host, &a.Device, &a.ResumedFrom, &a.StartedAt, &a.EndedAt, &a.DeviceSeconds, &a.Outcome, &a.Error)
	return a, err
}

// latest locks out writers of an attempt that is not the run's latest any more. It locks
// first and looks in a statement of its own: one that waited for the lock would otherwise see
// the attempts as they were before it waited.
func latest(ctx context.Context, tx pgx.Tx, runID string, attempt int) (key int64, err error) {
	var newest int
	batch := &pgx.Batch{}
	batch.Queue("select from runs where run = $1 for share", runID)
	batch.Queue(`select r.run_key, coalesce((select max(attempt) from attempts a where a.run_key = r.run_key), 0)
		from runs r where r.run = $1`, runID).QueryRow(func(row pgx.Row) error { return row.Scan(&key, &newest) })
	err = tx.SendBatch(ctx, batch).Close()
	if err == nil && newest != attempt {
		return 0, fmt.Errorf("attempt %d: %w (%d)", attempt, sweep.ErrSuperseded, newest)
	}
	return key, err
}
