package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// FitInputs are the runs of a sweep with their score on TASK/METRIC at their last step (the
// newest revision and evaluator of it), or the reason why there is none: they did not make it,
// were not evaluated, or somebody excluded them.
func (s *Store) FitInputs(ctx context.Context, name, metric string) ([]sweep.ScoredRun, error) {
	task, of, ok := strings.Cut(metric, "/")
	if !ok {
		return nil, fmt.Errorf("%w: metric %q is not TASK/METRIC", sweep.ErrBadInput, metric)
	}
	doing := "read scores of sweep " + name
	found, err := read(ctx, s, doing, scanScored(task, of), `
		select r.run, r.state, r.reason, e.step, e.revision, e.evaluator, e.value, e.samples, coalesce(c.sha256, ''),
		       x.author, x.rule, x.reason, x.created_at
		from sweep_runs sr join runs r using (run_key)
		left join final_scores e on e.task = $2 and e.metric = $3 and e.run_key = r.run_key
		left join lateral (select sha256 from checkpoints k where k.run_key = r.run_key and k.step = e.step limit 1) c on true -- one by one: joined, all checkpoints would be read
		left join exclusions x on x.run_key = r.run_key and x.withdrawn_at is null
		where sr.sweep_key = (select sweep_key from sweeps where name = $1) order by sr.ordinal`, name, task, of)
	if err == nil && len(found) == 0 {
		_, err = s.Sweep(ctx, name) // no sweep is not the same as no runs
	}
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, r := range found {
		ids[i] = r.ID
	}
	runs, err := s.runsByID(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	for i := range found {
		found[i].Run = runs[found[i].ID]
	}
	return found, nil
}

// scanScored reads all of a scored run but what the run is.
func scanScored(task, metric string) pgx.RowToFunc[sweep.ScoredRun] {
	return func(row pgx.CollectableRow) (r sweep.ScoredRun, err error) {
		var reason, checkpoint string
		var step, samples *int64
		var revision, evaluator, author, rule, why *string
		var value *float64
		var when *time.Time
		if err := row.Scan(&r.ID, &r.State, &reason, &step, &revision, &evaluator, &value, &samples, &checkpoint, &author, &rule, &why, &when); err != nil {
			return r, err
		}
		switch {
		case when != nil:
			r.Reason = Exclusion{Author: *author, Rule: *rule, Reason: *why, CreatedAt: *when}.String()
		case r.State != sweep.Succeeded:
			r.Reason = string(r.State)
			if reason != "" {
				r.Reason += ": " + reason
			}
		case value == nil:
			r.Reason = "it was not evaluated on " + task + "/" + metric
		default:
			r.Checkpoint = checkpoint
			r.Score = &sweep.Evaluation{RunID: r.ID, Step: *step, Score: sweep.Score{
				Task: task, Metric: metric, Revision: *revision, Evaluator: *evaluator, Value: *value, Samples: *samples}}
		}
		return r, nil
	}
}

// MetricsScored lists the TASK/METRICs that a run of a sweep has a score on at its last step. It
// steps through the index from one pair to the next, so that the number of runs does not matter.
func (s *Store) MetricsScored(ctx context.Context, name string) ([]string, error) {
	return read(ctx, s, "list the metrics of sweep "+name, pgx.RowTo[string], `
		with recursive pairs as (
			(select task, metric from final_scores order by task, metric limit 1)
			union all
			select n.task, n.metric from pairs p cross join lateral
				(select task, metric from final_scores where (task, metric) > (p.task, p.metric) order by task, metric limit 1) n
		)
		select task || '/' || metric from pairs p
		where exists (select from sweep_runs sr join final_scores e on e.run_key = sr.run_key and e.task = p.task and e.metric = p.metric
		              where sr.sweep_key = (select sweep_key from sweeps where name = $1))
		order by 1`, name)
}
