package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// GridRun is a run as a cell of a study's grid shows it.
type GridRun struct {
	Ordinal     int         `json:"ordinal"` // in the plan
	RunID       string      `json:"run"`
	Origin      sweep.State `json:"origin"` // planned or reused
	State       sweep.State `json:"state"`
	Reason      string      `json:"reason,omitempty"`   // why it failed or diverged
	Excluded    string      `json:"excluded,omitempty"` // why somebody took it out of fits
	Model       string      `json:"model"`
	Data        string      `json:"data"`
	SamplesSeen int64       `json:"samples_seen"`
	Seed        int64       `json:"seed"`
	Fields      []string    `json:"fields,omitempty"` // of the recipe: the values of the axes that were asked for
	Progress    float64     `json:"progress"`         // share of the samples seen
	GMACs       float64     `json:"gmacs_total"`
	GMACsPer    float64     `json:"gmacs_per_sample"`
	Speed       float64     `json:"samples_per_second"` // last measured, while it runs; 0: unknown
	Worker      string      `json:"worker,omitempty"`   // while it runs
	Device      string      `json:"device,omitempty"`
	Score       *float64    `json:"score,omitempty"` // at its last step
}

// GridRuns lists the runs of a sweep in plan order, with their score on TASK/METRIC (empty: none)
// and the values of those fields of the recipe.
func (s *Store) GridRuns(ctx context.Context, name, metric string, fields []string) ([]GridRun, error) {
	task, of, _ := strings.Cut(metric, "/")
	found, err := read(ctx, s, "read the grid of sweep "+name, func(row pgx.CollectableRow) (r GridRun, err error) {
		err = row.Scan(&r.Ordinal, &r.RunID, &r.Origin, &r.State, &r.Reason, &r.Excluded, &r.Model, &r.Data, &r.SamplesSeen, &r.Seed,
			&r.Fields, &r.Progress, &r.GMACs, &r.GMACsPer, &r.Speed, &r.Worker, &r.Device, &r.Score)
		return r, err
	}, `select sr.ordinal, r.run, sr.origin, r.state, r.reason, coalesce(x.reason, ''), m.name, d.name, r.samples_seen, r.seed,
		       case when cardinality($2::text[]) = 0 then '{}' else array(select coalesce(r.recipe ->> f, '') from unnest($2::text[]) with ordinality as a (f, i) order by i) end,
		       case r.state when 'succeeded' then 1 else least(1, coalesce(p.samples_seen, 0)::float8 / r.actual_samples_seen) end,
		       r.gmacs_total, r.gmacs_per_sample, case when r.state = 'running' and is_finite(p.samples_per_second) then p.samples_per_second else 0 end,
		       coalesce(a.worker, ''), coalesce(a.device, ''), e.value
		from sweeps s join sweep_runs sr using (sweep_key) join runs r using (run_key)
		join models m using (model_key) join datasets d using (dataset_key)
		left join run_progress p on p.run_key = r.run_key
		left join exclusions x on x.run_key = r.run_key and x.withdrawn_at is null
		left join final_scores e on e.task = $3 and e.metric = $4 and e.run_key = r.run_key and is_finite(e.value)
		left join lateral (select worker, device from attempts t where t.run_key = r.run_key and t.outcome = 'running' order by attempt desc limit 1) a on r.state = 'running'
		where s.name = $1 order by sr.ordinal`, name, fields, task, of)
	if err == nil && len(found) == 0 {
		_, err = s.Sweep(ctx, name) // no sweep is not the same as no runs
	}
	return found, err
}
