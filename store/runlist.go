package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// RunSorts are the orders that a list of runs can have; with a minus before it, the other way.
var RunSorts = []string{"asked", "compute", "samples", "model", "error", "loss", "ended"}

// RunFilter narrows a list of runs; empty fields do not.
type RunFilter struct {
	Sweep, Model, Data, Trainer string
	State                       sweep.State
	Samples                     int64  // samples seen that were asked for; 0: any
	Text                        string // the beginning of an id, or part of a model's or data set's name
	Metric                      string // TASK/METRIC of Score
	Sort                        string // of RunSorts; empty: -asked, those that were asked for last first; of a sweep, the end of its plan
}

// RunRow is a run in a list.
type RunRow struct {
	ID           string      `json:"id"`
	Model        string      `json:"model"`
	Data         string      `json:"data"`
	Trainer      string      `json:"trainer"`
	SamplesSeen  int64       `json:"samples_seen"`
	Seed         int64       `json:"seed"`
	BatchSize    int64       `json:"batch_size"`
	LearningRate float64     `json:"learning_rate"`
	GMACsTotal   float64     `json:"gmacs_total"`
	State        sweep.State `json:"state"`
	Reason       string      `json:"reason"`
	Excluded     bool        `json:"excluded"`
	Step         int64       `json:"step"`
	Steps        int64       `json:"steps"`
	Loss         *float64    `json:"loss"`  // last logged, when it was finite
	Score        *float64    `json:"score"` // on the filter's metric, at the last step
}

func (f RunFilter) check() error {
	if f.Sort != "" && !slices.Contains(RunSorts, strings.TrimPrefix(f.Sort, "-")) {
		return fmt.Errorf("sort: %w: %q is none of %s, each also with a minus before it", sweep.ErrBadInput, f.Sort, strings.Join(RunSorts, ", "))
	}
	if f.Metric != "" && !strings.Contains(f.Metric, "/") {
		return fmt.Errorf("metric: %w: %q is not TASK/METRIC", sweep.ErrBadInput, f.Metric)
	}
	return nil
}

// RunList lists runs with what a table shows of them.
func (s *Store) RunList(ctx context.Context, f RunFilter, p Page) (Listed[RunRow], error) {
	var at struct {
		Key string
		Run int64
	}
	further, err := p.after(&at)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return Listed[RunRow]{}, err
	}
	sort, descending := strings.CutPrefix(f.Sort, "-")
	if f.Sort == "" {
		sort, descending = "asked", true
	}
	task, metric, _ := strings.Cut(f.Metric, "/")
	type keyed struct {
		RunRow
		Key string
		Run int64
	}
	rows, err := read(ctx, s, "list runs", func(row pgx.CollectableRow) (k keyed, err error) {
		err = row.Scan(&k.ID, &k.Model, &k.Data, &k.Trainer, &k.SamplesSeen, &k.Seed, &k.BatchSize, &k.LearningRate, &k.GMACsTotal, &k.State, &k.Reason,
			&k.Excluded, &k.Step, &k.Steps, &k.Loss, &k.Score, &k.Key, &k.Run)
		return k, err
	}, runList, f.Sweep, f.Model, f.Data, f.Trainer, string(f.State), f.Samples, f.Text, task, metric, sort, descending, further, at.Key, at.Run, p.limit()+1)
	if err != nil {
		return Listed[RunRow]{}, err
	}
	part, err := listed(rows, p, func(k keyed) any {
		at.Key, at.Run = k.Key, k.Run
		return at
	})
	out := Listed[RunRow]{Rows: make([]RunRow, len(part.Rows)), Next: part.Next}
	for i, k := range part.Rows {
		out.Rows[i] = k.RunRow
	}
	return out, err
}

// runList sorts by a number: of the names, by their place in the alphabet. Runs without it come
// last. The number goes into cursors as text, which keeps every digit.
const runList = `
	with named as (
		select r.*, m.name as model, d.name as data, p.step, p.loss, f.value as score,
		       case $10 when 'asked' then coalesce(c.ordinal, r.run_key) when 'compute' then r.gmacs_total when 'samples' then r.samples_seen when 'error' then f.value
		            when 'loss' then p.loss when 'ended' then extract(epoch from r.ended_at) when 'model' then dense_rank() over (order by m.name) end
		       * case when $11 then -1 else 1 end as place
		from runs r join models m using (model_key) join datasets d using (dataset_key)
		left join run_progress p using (run_key)
		left join final_scores f on f.run_key = r.run_key and f.task = $8 and f.metric = $9
		left join lateral (select sr.ordinal from sweeps s join sweep_runs sr using (sweep_key) where s.name = $1 and sr.run_key = r.run_key) c on true
		where ($1 = '' or c.ordinal is not null)
		  and ($2 = '' or m.name = $2) and ($3 = '' or d.name = $3) and ($4 = '' or r.trainer = $4) and ($5 = '' or r.state = $5)
		  and ($6 = 0 or r.samples_seen = $6)
		  and ($7 = '' or starts_with(r.run, lower($7)) or strpos(lower(m.name), lower($7)) > 0 or strpos(lower(d.name), lower($7)) > 0)
	), placed as (
		select *, case when is_finite(place) then place else 'Infinity' end as key, run_key * case when $11 then -1 else 1 end as next from named
	)
	select run, model, data, trainer, samples_seen, seed, (recipe ->> 'batch_size')::bigint, (recipe ->> 'learning_rate')::double precision, gmacs_total, state, reason,
	       exists (select from exclusions x where x.run_key = placed.run_key and x.withdrawn_at is null), coalesce(step, 0),
	       actual_samples_seen / (recipe ->> 'batch_size')::bigint, case when is_finite(loss) then loss end, score, key::text as shown, next
	from placed where not $12 or (key, next) > ($13::text::double precision, $14) order by key, next limit $15`
