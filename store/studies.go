package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// Study is a sweep as the list of studies shows it.
type Study struct {
	Name          string              `json:"name"`
	State         sweep.State         `json:"state"`
	Reason        string              `json:"reason,omitempty"`
	CreatedAt     time.Time           `json:"created_at"`
	EndedAt       *time.Time          `json:"ended_at"`
	Counts        map[sweep.State]int `json:"counts"` // cells by the state of their run
	Reused        int                 `json:"reused"`
	Total         int                 `json:"total"`
	GMACsDone     float64             `json:"gmacs_done"`
	GMACsTotal    float64             `json:"gmacs_total"`
	DeviceSeconds float64             `json:"device_seconds"`
	SecondsLeft   *float64            `json:"seconds_left"` // at the speed of the runs that run now; nil: none does
	Laws          []Headline          `json:"laws"`
}

// Headline is the newest answer to a question about a whole study.
type Headline struct {
	Fit      string      `json:"fit"`
	Metric   string      `json:"metric"`
	Rule     string      `json:"rule"`
	Law      string      `json:"law"`
	Status   string      `json:"status"` // ok or refused
	Reason   string      `json:"reason,omitempty"`
	Alpha    *float64    `json:"alpha"` // nil where the law has none, or was refused
	Interval *[2]float64 `json:"interval"`
	Level    float64     `json:"level"`
	Used     int         `json:"n_used"`
}

// lawsOfStudy is how many headlines a study shows at most.
const lawsOfStudy = 6

// Studies lists studies, the newest first: all, or those with text in their name.
func (s *Store) Studies(ctx context.Context, text string, p Page) (Listed[Study], error) {
	before := studyCursor{At: time.Now().AddDate(1000, 0, 0)}
	if _, err := p.after(&before); err != nil {
		return Listed[Study]{}, err
	}
	rows, err := read(ctx, s, "list studies", scanStudy, `
		with part as (
			select * from sweeps where (created_at, name) < ($1, $2) and strpos(name, lower($5)) > 0 order by created_at desc, name desc limit $3
		), spent as (
			select sr.sweep_key, sum(a.device_seconds) as seconds from part join sweep_runs sr using (sweep_key) join attempts a using (run_key) group by 1
		), cells as (
			select sr.sweep_key, r.state, count(*) as n, count(*) filter (where sr.origin = 'reused') as reused, sum(r.gmacs_total) as gmacs,
			       sum(r.gmacs_total * (1 - least(1, coalesce(p.samples_seen, 0)::float8 / r.actual_samples_seen))) as gmacs_left,
			       sum(r.gmacs_per_sample * p.samples_per_second) filter (where is_finite(p.samples_per_second)) as speed
			from part join sweep_runs sr using (sweep_key) join runs r using (run_key) left join run_progress p using (run_key) group by 1, 2
		), counted as (
			select sweep_key, jsonb_object_agg(state, n) as counts, sum(reused)::int as reused, sum(n)::int as total,
			       coalesce(sum(gmacs) filter (where state = 'succeeded'), 0) as done, sum(gmacs) as gmacs,
			       coalesce(sum(gmacs_left) filter (where state in ('planned', 'queued', 'running', 'paused')), 0)
			         / nullif(sum(speed) filter (where state = 'running'), 0) as seconds_left
			from cells group by 1
		)
		select s.name, s.state, s.reason, s.created_at, s.ended_at, coalesce(c.counts, '{}'), coalesce(c.reused, 0), coalesce(c.total, 0),
		       coalesce(c.done, 0), coalesce(c.gmacs, 0), coalesce(t.seconds, 0), c.seconds_left,
		       coalesce((select jsonb_agg(l) from (
		           select distinct on (f.metric, f.rule, f.law) f.fit, f.metric, f.rule, f.law, f.status, f.reason, f.level, f.n_used, a.value as alpha,
		                  case when a.fit is not null then jsonb_build_array(a.lower, a.upper) end as interval
		           from fits f left join coefficients a on a.fit = f.fit and a.name = 'alpha'
		           where f.sweep = s.name and f."group" is null order by f.metric, f.rule, f.law, f.created_at desc limit $4) l), '[]')
		from part s left join counted c using (sweep_key) left join spent t using (sweep_key)
		order by s.created_at desc, s.name desc`, before.At, before.Name, p.limit()+1, lawsOfStudy, text)
	if err != nil {
		return Listed[Study]{}, err
	}
	return listed(rows, p, func(r Study) any { return studyCursor{r.CreatedAt, r.Name} })
}

// RecentSweeps names the n sweeps that were made last, the newest first.
func (s *Store) RecentSweeps(ctx context.Context, n int) ([]string, error) {
	return read(ctx, s, "list sweeps", pgx.RowTo[string], "select name from sweeps order by created_at desc, name desc limit $1", min(n, MaxPage))
}

// frontierAtMost is how many points of a fit its small picture has.
const frontierAtMost = 60

// FittedPoints are the points (compute in forward GMACs, error) that fits were made from, by fit
// and from little compute to much: for small pictures of them.
func (s *Store) FittedPoints(ctx context.Context, fits []string) (map[string][][2]float64, error) {
	points := map[string][][2]float64{}
	_, err := read(ctx, s, "read points of fits", func(row pgx.CollectableRow) (struct{}, error) {
		var id string
		var at [2]float64
		err := row.Scan(&id, &at[0], &at[1])
		points[id] = append(points[id], at)
		return struct{}{}, err
	}, `select f.fit, p.c, p.e from unnest($1::text[]) f (fit)
		join lateral (select distinct c, e from fit_runs r where r.fit = f.fit and r.used and r.e > 0 order by c, e limit $2) p on true
		order by f.fit, p.c`, fits, frontierAtMost)
	return points, err
}

type studyCursor struct {
	At   time.Time
	Name string
}

func scanStudy(row pgx.CollectableRow) (r Study, err error) {
	var counts, laws []byte
	if err := row.Scan(&r.Name, &r.State, &r.Reason, &r.CreatedAt, &r.EndedAt, &counts, &r.Reused, &r.Total,
		&r.GMACsDone, &r.GMACsTotal, &r.DeviceSeconds, &r.SecondsLeft, &laws); err != nil {
		return r, err
	}
	if err := json.Unmarshal(counts, &r.Counts); err != nil {
		return r, err
	}
	return r, json.Unmarshal(laws, &r.Laws)
}
