package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Counted counts what a sweep has. It reads everything: it is for benchmarks.
func (s *Store) Counted(ctx context.Context, name string) (n Loaded, err error) {
	err = s.pool.QueryRow(ctx, `
		with cells as materialized (select run_key from sweeps join sweep_runs using (sweep_key) where name = $1)
		select (select count(*) from cells), (select count(*) from checkpoints join cells using (run_key)),
		       (select count(*) from evaluations join cells using (run_key)), (select count(*) from metrics join cells using (run_key))`, name,
	).Scan(&n.Runs, &n.Checkpoints, &n.Evaluations, &n.Metrics)
	return n, wrap("count the rows of sweep "+name, err)
}

// UnfinishedRun is a run that is being trained.
type UnfinishedRun struct {
	ID        string
	Attempt   int
	Step      int64 // last logged
	BatchSize int64
}

// Unfinished lists up to limit runs of a sweep that run now, in plan order.
func (s *Store) Unfinished(ctx context.Context, name string, limit int) ([]UnfinishedRun, error) {
	return read(ctx, s, "list running runs of sweep "+name, pgx.RowToStructByPos[UnfinishedRun], `
		select r.run, a.attempt, coalesce(p.step, 0), (r.recipe ->> 'batch_size')::bigint
		from sweeps s join sweep_runs sr using (sweep_key) join runs r using (run_key) left join run_progress p using (run_key)
		join attempts a on a.run_key = r.run_key and a.outcome = 'running'
		where s.name = $1 and r.state = 'running' order by sr.ordinal limit $2`, name, limit)
}

// FitIDs lists the ids of a sweep's fits, the newest first, as many as a part holds.
func (s *Store) FitIDs(ctx context.Context, name string) ([]string, error) {
	return read(ctx, s, "list fits of sweep "+name, pgx.RowTo[string], "select fit from fits where sweep = $1 order by created_at desc, fit limit $2", name, MaxPage)
}

// ReadWhole tells how often each table was read from end to end, as far as connections that have
// ended reported it.
func (s *Store) ReadWhole(ctx context.Context) (map[string]int64, error) {
	whole := map[string]int64{}
	_, err := read(ctx, s, "read statistics of tables", func(row pgx.CollectableRow) (struct{}, error) {
		var table string
		var n int64
		err := row.Scan(&table, &n)
		whole[table] = n
		return struct{}{}, err
	}, "select relname, seq_scan from pg_stat_user_tables")
	return whole, err
}
