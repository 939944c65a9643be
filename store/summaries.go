package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// runSummaries reads runs with where they stand; the caller adds which, as a where clause
// over r, and the order.
const runSummaries = `
	select r.resolved, r.state, r.reason,
	       coalesce(p.step, 0),
	       (select count(*) from attempts a where a.run_key = r.run_key),
	       (select coalesce(sum(a.device_seconds), 0) from attempts a where a.run_key = r.run_key),
	       p.loss,
	       coalesce((select jsonb_agg(jsonb_build_object('run', r.run, 'step', e.step, 'task', e.task, 'metric', e.metric, 'revision', e.revision,
	                        'evaluator', e.evaluator, 'value', e.value, 'samples', e.samples) order by e.task, e.metric)
	                 from evaluations e where e.run_key = r.run_key and e.step = (select max(step) from evaluations l where l.run_key = r.run_key)), '[]')
	from runs r left join run_progress p using (run_key) `

func scanRunSummary(row pgx.CollectableRow) (r sweep.RunSummary, err error) {
	var resolved, scores []byte
	if err := row.Scan(&resolved, &r.State, &r.Reason, &r.Step, &r.Attempts, &r.DeviceSeconds, &r.Loss, &scores); err != nil {
		return r, err
	}
	if r.Loss != nil && (math.IsNaN(*r.Loss) || math.IsInf(*r.Loss, 0)) {
		r.Loss = nil // a diverged run's; JSON has no such number
	}
	if err := json.Unmarshal(resolved, &r.Run); err != nil {
		return r, err
	}
	return r, json.Unmarshal(scores, &r.Scores)
}

// SweepRuns lists the runs of a sweep in plan order, with the scores of their last evaluated
// checkpoint.
func (s *Store) SweepRuns(ctx context.Context, name string) ([]sweep.RunSummary, error) {
	if _, err := s.Sweep(ctx, name); err != nil {
		return nil, err
	}
	return read(ctx, s, "list runs of sweep "+name, scanRunSummary, runSummaries+`
		join sweep_runs sr using (run_key) join sweeps s using (sweep_key) where s.name = $1 order by sr.ordinal`, name)
}

// FindRun reads the run whose id begins with prefix.
func (s *Store) FindRun(ctx context.Context, prefix string) (sweep.RunSummary, error) {
	found, err := read(ctx, s, "find run "+prefix, scanRunSummary, runSummaries+"where starts_with(r.run, $1) order by r.run limit 5", prefix)
	switch {
	case err != nil:
		return sweep.RunSummary{}, err
	case len(found) == 0:
		near, err := s.near(ctx, prefix, nearRuns, "scalelaw runs SWEEP")
		if err != nil {
			return sweep.RunSummary{}, err
		}
		return sweep.RunSummary{}, fmt.Errorf("run %q: %w; %s", prefix, sweep.ErrNotFound, near)
	case len(found) > 1:
		var ids []string
		for _, r := range found {
			ids = append(ids, r.ID)
		}
		return sweep.RunSummary{}, fmt.Errorf("run %q: %w: it begins several ids: %s", prefix, sweep.ErrBadInput, strings.Join(ids, ", "))
	}
	return found[0], nil
}

// RunSweeps names the sweeps that a run is a cell of.
func (s *Store) RunSweeps(ctx context.Context, id string) ([]string, error) {
	return read(ctx, s, "list sweeps of run "+id, pgx.RowTo[string], sweepsOfRun, id)
}

const sweepsOfRun = `select s.name from runs r join sweep_runs using (run_key) join sweeps s using (sweep_key) where r.run = $1 order by 1`

// Throughput is the newest measured speed of each model: samples per device second over the
// attempts of its last succeeded run.
func (s *Store) Throughput(ctx context.Context) (map[string]float64, error) {
	speed := map[string]float64{}
	_, err := read(ctx, s, "read measured speeds", func(row pgx.CollectableRow) (struct{}, error) {
		var model string
		var perSecond float64
		err := row.Scan(&model, &perSecond)
		speed[model] = perSecond
		return struct{}{}, err
	}, `select distinct on (m.name) m.name, r.actual_samples_seen / a.seconds
		from runs r join models m using (model_key)
		join lateral (select sum(device_seconds) as seconds from attempts a where a.run_key = r.run_key) a on a.seconds > 0
		where r.state = 'succeeded' and r.trainer <> 'surface' order by m.name, r.ended_at desc`)
	return speed, err
}

// Rows counts what a sweep has put into the database: cells, runs, attempts, metrics,
// checkpoints and evaluations.
func (s *Store) Rows(ctx context.Context, name string) (n int64, err error) {
	err = s.pool.QueryRow(ctx, `
		with cells as (select run_key from sweeps join sweep_runs using (sweep_key) where name = $1)
		select 2 * (select count(*) from cells) + (select count(*) from attempts join cells using (run_key)) + (select count(*) from metrics join cells using (run_key))
		     + (select count(*) from checkpoints join cells using (run_key)) + (select count(*) from evaluations join cells using (run_key))`, name).Scan(&n)
	return n, wrap("count rows of sweep "+name, err)
}
