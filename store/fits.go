package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// AddFit stores an immutable record with its coefficients and its exact runs; the same id
// again changes nothing. Registered predictions of the sweep are scored where a run has landed.
func (s *Store) AddFit(ctx context.Context, r fit.Record) error {
	record, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("store fit %s: %w", r.ID, err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		reason := ""
		if r.Result.Reason != nil {
			reason = r.Result.Reason.Code
		}
		tag, err := tx.Exec(ctx, `
			insert into fits (fit, sweep_key, sweep, metric, group_by, "group", select_runs, rule, law, status, reason, compute_convention,
			                  n_points, n_used, r2, level, interval_method, record)
			values ($1, (select sweep_key from sweeps where name = $2), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
			on conflict do nothing`,
			r.ID, r.Sweep, r.Metric, r.GroupBy, r.Options.Group, r.Select, r.Options.Rule, r.Options.Law, r.Result.Status, reason, r.Options.Convention,
			r.Result.NPoints, r.Result.NUsed, r.Result.R2, r.Options.Level, r.Result.IntervalMethod, record)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return addFitParts(ctx, tx, r)
	})
	return wrap("store fit "+r.ID, err)
}

func addFitParts(ctx context.Context, tx pgx.Tx, r fit.Record) error {
	batch := &pgx.Batch{}
	for _, c := range r.Result.Coefficients {
		batch.Queue("insert into coefficients (fit, name, value, lower, upper) values ($1, $2, $3, $4, $5)", r.ID, c.Name, c.Value, c.Interval[0], c.Interval[1])
	}
	for _, in := range r.Inputs {
		var e *float64
		if in.E > 0 {
			e = &in.E
		}
		revisions, evaluators := scoresOf(in)
		batch.Queue(`insert into fit_runs (fit, run_key, point, step, used, reason, c, e, revision, evaluator)
			select $1, r.run_key, $3, $4, $5, $6, $7, $8, p.revision, p.evaluator
			from unnest($2::text[], $9::text[], $10::text[]) as p (run, revision, evaluator) join runs r using (run)`,
			r.ID, in.Runs, in.ID, in.Step, in.Used, in.Reason, in.C, e, revisions, evaluators).Exec(allThere(in))
	}
	batch.Queue(scoreBySweep, r.Sweep)
	return tx.SendBatch(ctx, batch).Close()
}

// scoresOf are the revision and evaluator of each run behind a point.
func scoresOf(in fit.Evidence) (revisions, evaluators []string) {
	for _, run := range in.Runs {
		revision, evaluator := in.Revision, in.Evaluator
		for _, s := range in.Scores {
			if s.Run == run {
				revision, evaluator = s.Revision, s.Evaluator
			}
		}
		revisions, evaluators = append(revisions, revision), append(evaluators, evaluator)
	}
	return revisions, evaluators
}

// allThere checks that every run behind a point was found: a coefficient is to be traceable.
func allThere(in fit.Evidence) func(pgconn.CommandTag) error {
	return func(tag pgconn.CommandTag) error {
		if missing := len(in.Runs) - int(tag.RowsAffected()); missing != 0 {
			return fmt.Errorf("point %s: %d of its runs %w", in.ID, missing, sweep.ErrNotFound)
		}
		return nil
	}
}

func scanRecord(row pgx.CollectableRow) (r fit.Record, err error) {
	var record []byte
	if err := row.Scan(&record); err != nil {
		return r, err
	}
	return r, json.Unmarshal(record, &r)
}

// FitFilter narrows a list of fits; empty fields do not.
type FitFilter struct {
	Sweep, Metric, Law, Rule string
	All                      bool // every fit, not only the newest of each question
}

// Fits lists fits, newest first: of each (sweep, metric, group, rule, law) the newest, or all.
func (s *Store) Fits(ctx context.Context, f FitFilter) ([]fit.Record, error) {
	return read(ctx, s, "list fits", scanRecord, `
		select f.record from fits f
		where ($1 = '' or f.sweep = $1) and ($2 = '' or f.metric = $2) and ($3 = '' or f.law = $3) and ($4 = '' or f.rule = $4)
		  and ($5 or not exists (select from fits g where (g.sweep, g.metric, g.rule, g.law, g.group_by) = (f.sweep, f.metric, f.rule, f.law, f.group_by)
		       and g."group" is not distinct from f."group" and g.created_at > f.created_at))
		order by f.created_at desc, f.sweep, f.metric, f."group" nulls first, f.rule, f.law`, f.Sweep, f.Metric, f.Law, f.Rule, f.All)
}

// Fit reads the fit whose id begins with prefix.
func (s *Store) Fit(ctx context.Context, prefix string) (fit.Record, error) {
	found, err := read(ctx, s, "find fit "+prefix, scanRecord, "select record from fits where starts_with(fit, $1) order by fit limit 5", prefix)
	switch {
	case err != nil:
		return fit.Record{}, err
	case len(found) == 0:
		near, err := s.near(ctx, prefix, nearFits, "scalelaw fit list")
		if err != nil {
			return fit.Record{}, err
		}
		return fit.Record{}, fmt.Errorf("fit %q: %w; %s", prefix, sweep.ErrNotFound, near)
	case len(found) > 1:
		var ids []string
		for _, r := range found {
			ids = append(ids, r.ID)
		}
		return fit.Record{}, fmt.Errorf("fit %q: %w: it begins several ids: %s", prefix, sweep.ErrBadInput, strings.Join(ids, ", "))
	}
	return found[0], nil
}

// Stale tells why fits are stale, by id: a run that they took is excluded, or has a newer score,
// or their question would now take another run. Those that are not stale are not in the map.
func (s *Store) Stale(ctx context.Context, ids ...string) (map[string]string, error) {
	stale := map[string]string{}
	_, err := read(ctx, s, "look for stale fits", func(row pgx.CollectableRow) (struct{}, error) {
		var id, reason string
		err := row.Scan(&id, &reason)
		stale[id] = reason
		return struct{}{}, err
	}, `select fit, reason from (select p.fit, fit_stale(p.fit) as reason from unnest($1::text[]) as p (fit)) x where reason is not null`, ids)
	return stale, err
}
