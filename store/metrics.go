package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// AddMetrics writes rows by COPY into a staging table and merges them: a row that is there is
// replaced. It fails with sweep.ErrSuperseded when attempt is not the run's latest.
func (s *Store) AddMetrics(ctx context.Context, runID string, attempt int, rows []sweep.Metric) error {
	if len(rows) == 0 {
		return nil
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		key, err := latest(ctx, tx, runID, attempt)
		if err != nil {
			return err
		}
		if err := stage(ctx, tx, rows); err != nil {
			return err
		}
		return merge(ctx, tx, key, attempt)
	})
	return wrap(fmt.Sprintf("add %d metrics of run %s", len(rows), runID), err)
}

func stage(ctx context.Context, tx pgx.Tx, rows []sweep.Metric) error {
	if _, err := tx.Exec(ctx, `create temporary table if not exists staged_metrics
		(name text, step bigint, samples_seen bigint, value double precision) on commit delete rows`); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"staged_metrics"}, []string{"name", "step", "samples_seen", "value"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			return []any{rows[i].Name, rows[i].Step, rows[i].SamplesSeen, rows[i].Value}, nil
		}))
	return err
}

func merge(ctx context.Context, tx pgx.Tx, key int64, attempt int) error {
	batch := &pgx.Batch{}
	batch.Queue(`insert into metric_names (name) select distinct name from staged_metrics
		where name not in (select name from metric_names) order by name on conflict do nothing`)
	batch.Queue(`insert into metrics (run_key, name_key, step, samples_seen, value, attempt)
		select distinct on (n.name_key, g.step) $1::bigint, n.name_key, g.step, g.samples_seen, g.value, $2::int
		from staged_metrics g join metric_names n using (name)
		on conflict (run_key, name_key, step) do update
		set samples_seen = excluded.samples_seen, value = excluded.value, attempt = excluded.attempt`, key, attempt)
	batch.Queue(progress, key)
	batch.Queue(leftBuckets, key)
	return tx.SendBatch(ctx, batch).Close()
}

// progress says how far the run is.
const progress = `
	insert into run_progress (run_key, step, samples_seen, loss, samples_per_second, at)
	select $1, max(step), max(samples_seen), (array_agg(value order by step desc) filter (where name = 'loss'))[1],
	       (array_agg(value order by step desc) filter (where name = 'samples_per_second'))[1], clock_timestamp()
	from staged_metrics
	on conflict (run_key) do update set step = excluded.step, samples_seen = excluded.samples_seen, at = excluded.at,
	   loss = coalesce(excluded.loss, run_progress.loss), samples_per_second = coalesce(excluded.samples_per_second, run_progress.samples_per_second)
	where excluded.step >= run_progress.step`

// leftBuckets keeps the buckets that the streams of a long run have left.
const leftBuckets = `
	select leave_buckets($1, n.name_key, bucket_width(r), g.first, g.last)
	from (select name, min(step) as first, max(step) as last from staged_metrics group by name) g
	join metric_names n using (name) join runs r on r.run_key = $1
	where bucket_width(r) is not null`

// Metrics reads the training stream of a run after a step, by step and name; no names: all.
func (s *Store) Metrics(ctx context.Context, runID string, names []string, afterStep int64) ([]sweep.Metric, error) {
	return read(ctx, s, "read metrics of run "+runID, func(row pgx.CollectableRow) (m sweep.Metric, err error) {
		err = row.Scan(&m.Name, &m.Step, &m.SamplesSeen, &m.Value)
		return m, err
	}, `select n.name, x.step, x.samples_seen, x.value from runs r join metrics x using (run_key) join metric_names n using (name_key)
		where r.run = $1 and (cardinality($2::text[]) = 0 or n.name = any($2)) and x.step > $3 order by x.step, n.name`,
		runID, append([]string{}, names...), afterStep)
}
