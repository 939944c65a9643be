package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// CreateSweep stores a sweep, or the new spec of one that is extended, and appends the cells
// that it does not have yet, in plan order, with their runs. It returns its number of cells and
// how many are reused: their run had succeeded before this sweep asked for it.
func (s *Store) CreateSweep(ctx context.Context, r sweep.SweepRecord, plan []sweep.Run) (total, reused int, err error) {
	doing := "create sweep " + r.Name
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var key int64
		if err := tx.QueryRow(ctx, `
			insert into sweeps (name, spec, spec_sha256, code_version, state) values ($1, $2, $3, $4, 'running')
			on conflict (name) do update set spec = excluded.spec, spec_sha256 = excluded.spec_sha256
			returning sweep_key`, r.Name, r.Spec, r.SpecSHA256, r.CodeVersion).Scan(&key); err != nil {
			return err
		}
		if err := addRuns(ctx, tx, plan); err != nil {
			return err
		}
		ids := make([]string, len(plan))
		for i, run := range plan {
			ids[i] = run.ID
		}
		if _, err := tx.Exec(ctx, `
			insert into sweep_runs (sweep_key, ordinal, run_key, origin)
			select $1, coalesce((select max(ordinal) + 1 from sweep_runs where sweep_key = $1), 0) + row_number() over (order by p.place) - 1,
			       r.run_key, case when r.state = 'succeeded' then 'reused' else 'planned' end
			from unnest($2::text[]) with ordinality as p (run, place) join runs r using (run)
			where not exists (select from sweep_runs o where o.sweep_key = $1 and o.run_key = r.run_key)`, key, ids); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select count(*), count(*) filter (where origin = 'reused') from sweep_runs where sweep_key = $1", key).Scan(&total, &reused)
	})
	return total, reused, wrap(doing, err)
}

const sweepColumns = `name, spec, spec_sha256, code_version, state, reason, created_at, coalesce(ended_at, '0001-01-01Z'::timestamptz)`

func scanSweep(row pgx.CollectableRow) (r sweep.SweepRecord, err error) {
	err = row.Scan(&r.Name, &r.Spec, &r.SpecSHA256, &r.CodeVersion, &r.State, &r.Reason, &r.CreatedAt, &r.EndedAt)
	return r, err
}

// Sweep reads one sweep.
func (s *Store) Sweep(ctx context.Context, name string) (sweep.SweepRecord, error) {
	found, err := read(ctx, s, "read sweep "+name, scanSweep, "select "+sweepColumns+" from sweeps where name = $1", name)
	if err != nil {
		return sweep.SweepRecord{}, err
	}
	if len(found) == 0 {
		return sweep.SweepRecord{}, s.noSweep(ctx, name)
	}
	return found[0], nil
}

// noSweep names the sweep that was perhaps meant.
func (s *Store) noSweep(ctx context.Context, name string) error {
	names, err := read(ctx, s, "list sweeps", pgx.RowTo[string], "select name from sweeps")
	if err != nil {
		return err
	}
	if near := sweep.Nearest(name, names); near != "" {
		return fmt.Errorf("sweep %q: %w; did you mean %q?", name, sweep.ErrNotFound, near)
	}
	return fmt.Errorf("sweep %q: %w; `scalelaw list` names those that are there", name, sweep.ErrNotFound)
}

// SetSweepState moves a sweep; a final state sets its end.
func (s *Store) SetSweepState(ctx context.Context, name string, state sweep.State, reason string) error {
	n, err := s.exec(ctx, "set state of sweep "+name, `
		update sweeps set state = $2, reason = $3, ended_at = case when $4 then coalesce(ended_at, now()) end where name = $1`,
		name, state, reason, state.Final())
	if err == nil && n == 0 {
		return s.noSweep(ctx, name)
	}
	return err
}

// Cells gives up to limit cells with an ordinal from `from` on.
func (s *Store) Cells(ctx context.Context, name string, from, limit int) ([]sweep.Cell, error) {
	return read(ctx, s, "read cells of sweep "+name, func(row pgx.CollectableRow) (c sweep.Cell, err error) {
		err = row.Scan(&c.Sweep, &c.Ordinal, &c.RunID, &c.Origin, &c.State)
		return c, err
	}, `select s.name, sr.ordinal, r.run, sr.origin, r.state
		from sweeps s join sweep_runs sr using (sweep_key) join runs r using (run_key)
		where s.name = $1 and sr.ordinal >= $2 order by sr.ordinal limit $3`, name, from, limit)
}

// summaries counts the cells of sweeps; a null name means all of them.
const summaries = `
	select s.name, s.spec, s.spec_sha256, s.code_version, s.state, s.reason, s.created_at, coalesce(s.ended_at, '0001-01-01Z'::timestamptz),
	       coalesce(c.counts, '{}'), coalesce(c.reused, 0), coalesce(c.total, 0), coalesce(c.done, 0), coalesce(c.gmacs, 0), coalesce(c.seconds, 0)
	from sweeps s left join lateral (
		select jsonb_object_agg(state, n) as counts, sum(reused)::int as reused, sum(n)::int as total,
		       sum(gmacs) filter (where state = 'succeeded') as done, sum(gmacs) as gmacs, sum(seconds) as seconds
		from (select r.state, count(*) as n, count(*) filter (where sr.origin = 'reused') as reused, sum(r.gmacs_total) as gmacs,
		             sum((select sum(a.device_seconds) from attempts a where a.run_key = r.run_key)) as seconds
		      from sweep_runs sr join runs r using (run_key) where sr.sweep_key = s.sweep_key group by r.state) by_state
	) c on true
	where $1::text is null or s.name = $1 order by s.created_at, s.name`

func scanSummary(row pgx.CollectableRow) (r sweep.SweepSummary, err error) {
	var counts []byte
	if err := row.Scan(&r.Name, &r.Spec, &r.SpecSHA256, &r.CodeVersion, &r.State, &r.Reason, &r.CreatedAt, &r.EndedAt,
		&counts, &r.Reused, &r.Total, &r.GMACsDone, &r.GMACsTotal, &r.DeviceSeconds); err != nil {
		return r, err
	}
	return r, json.Unmarshal(counts, &r.Counts)
}

// Sweeps lists all sweeps with their cells counted, oldest first.
func (s *Store) Sweeps(ctx context.Context) ([]sweep.SweepSummary, error) {
	return read(ctx, s, "list sweeps", scanSummary, summaries, nil)
}

// SweepSummary counts the cells of one sweep.
func (s *Store) SweepSummary(ctx context.Context, name string) (sweep.SweepSummary, error) {
	found, err := read(ctx, s, "read sweep "+name, scanSummary, summaries, name)
	if err != nil {
		return sweep.SweepSummary{}, err
	}
	if len(found) == 0 {
		return sweep.SweepSummary{}, s.noSweep(ctx, name)
	}
	return found[0], nil
}
