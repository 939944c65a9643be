package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// ComputeTolerance is how far, as a share of a prediction's compute, that of a run may be off
// for it to be the run that was meant: whole batches move it by less than a percent.
const ComputeTolerance = 0.05

// Prediction is a fit's prediction of a run that was not made yet when it was registered.
// Errors are fractions; C is in the unit of the fit's convention.
type Prediction struct {
	Fit    string  `json:"fit"`
	Sweep  string  `json:"sweep"`
	Metric string  `json:"metric"`
	Group  *string `json:"group"`
	fit.Prediction
	Level        float64    `json:"level"`
	Tolerance    float64    `json:"tolerance"` // share of C
	Author       string     `json:"author"`
	RegisteredAt time.Time  `json:"registered_at"`
	RunID        *string    `json:"run"` // that scored it; nil until one landed
	Observed     *float64   `json:"observed"`
	Inside       *bool      `json:"inside"` // of the interval of a new run
	ScoredAt     *time.Time `json:"scored_at"`
}

// Register stores predictions of a fit. One that is registered already stays as it is. A
// prediction whose run has landed already is refused (sweep.ErrExists): it would not be one.
// Converted says that the metric is a share of successes, so that E is 1 minus a score.
func (s *Store) Register(ctx context.Context, r fit.Record, predictions []fit.Prediction, author string, tolerance float64, converted bool) error {
	doing := "register predictions of fit " + r.ID
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, p := range predictions {
			if err := register(ctx, tx, r, p, author, tolerance, converted); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(doing, err)
}

func register(ctx context.Context, tx pgx.Tx, r fit.Record, p fit.Prediction, author string, tolerance float64, converted bool) error {
	tag, err := tx.Exec(ctx, `
		insert into predictions (fit, c, value, law_lower, law_upper, run_lower, run_upper, author, level, tolerance, converted)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict on constraint predictions_once do nothing`,
		r.ID, p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1], author, r.Result.Level, tolerance, converted)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	landed, err := list(ctx, tx, `
		select r.run `+atThatCompute+` and p.fit = $1 and p.c = $2 order by e.created_at limit 1`, r.ID, p.C)
	if err == nil && len(landed) > 0 {
		return fmt.Errorf("compute %g: %w: run %s is there already, and was evaluated: predict a run that was not made yet", p.C, sweep.ErrExists, landed[0])
	}
	return err
}

// atThatCompute ties predictions (p) to the scores (e) at the last step of runs (r) of the
// fit's sweep and group, as far from its compute as it allows.
const atThatCompute = `
	from predictions p join fits f using (fit) join sweep_runs sr using (sweep_key) join runs r on r.run_key = sr.run_key
	join evaluations e on e.run_key = r.run_key and e.task || '/' || e.metric = f.metric
	     and e.step = r.actual_samples_seen / (r.recipe ->> 'batch_size')::bigint
	where abs(r.gmacs_total / p.c - 1) <= p.tolerance and in_group(r, f.group_by, f."group")`

// scoreByRun and scoreBySweep score the open predictions that some runs, or all runs of a sweep,
// were about: each by the first of them that was evaluated after it was registered, on the same
// revision of the task as the fit, and that is not excluded. A prediction is scored once.
const (
	scoreByRun   = scoreOpen + "and r.run = any($1) " + scoreFirst
	scoreBySweep = scoreOpen + "and f.sweep = $1 " + scoreFirst

	scoreOpen = `
	with landed as (
		select distinct on (p.prediction_key) p.prediction_key, r.run_key, case when p.converted then 1 - e.value else e.value end as observed ` +
		atThatCompute + `
		  and p.run_key is null and e.created_at > p.registered_at
		  and exists (select from fit_runs fr where fr.fit = p.fit and fr.revision = e.revision)
		  and not exists (select from exclusions x where x.run_key = r.run_key and x.withdrawn_at is null) `
	scoreFirst = `
		order by p.prediction_key, e.created_at, r.run
	)
	update predictions p set run_key = landed.run_key, observed = landed.observed, scored_at = clock_timestamp()
	from landed where p.prediction_key = landed.prediction_key and p.run_key is null`
)

// PredictionFilter narrows a list of predictions; empty fields do not.
type PredictionFilter struct {
	Fit, Sweep string
	Open       bool // only those that no run has scored yet
}

// Predictions lists registered predictions, oldest first.
func (s *Store) Predictions(ctx context.Context, f PredictionFilter) ([]Prediction, error) {
	return read(ctx, s, "list predictions", func(row pgx.CollectableRow) (p Prediction, err error) {
		err = row.Scan(&p.Fit, &p.Sweep, &p.Metric, &p.Group, &p.C, &p.Value, &p.LawInterval[0], &p.LawInterval[1], &p.RunInterval[0], &p.RunInterval[1],
			&p.Level, &p.Tolerance, &p.Author, &p.RegisteredAt, &p.RunID, &p.Observed, &p.Inside, &p.ScoredAt)
		return p, err
	}, `select p.fit, f.sweep, f.metric, f."group", p.c, p.value, p.law_lower, p.law_upper, p.run_lower, p.run_upper,
	           p.level, p.tolerance, p.author, p.registered_at, r.run, p.observed, p.inside, p.scored_at
		from predictions p join fits f using (fit) left join runs r using (run_key)
		where ($1 = '' or p.fit = $1) and ($2 = '' or f.sweep = $2) and (not $3 or p.run_key is null)
		order by p.registered_at, p.prediction_key`, f.Fit, f.Sweep, f.Open)
}
