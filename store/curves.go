package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// CurvePart is a part of a metric's stream: the mean of its values, and their range.
type CurvePart struct {
	Step        int64   `json:"step"` // the last of the part
	SamplesSeen int64   `json:"samples_seen"`
	Mean        float64 `json:"mean"`
	Low         float64 `json:"low"`
	High        float64 `json:"high"`
	Values      int64   `json:"values"` // finite ones; others are left out
}

// Curve reads a metric of a run in about as many parts as asked for, of equally many steps, by
// step; parts without a finite value are left out.
func (s *Store) Curve(ctx context.Context, runID, name string, parts int) ([]CurvePart, error) {
	return read(ctx, s, "read curve "+name+" of run "+runID, pgx.RowToStructByPos[CurvePart], `
		with stream as materialized (select r.run_key, n.name_key, (select max(step) from metrics m where m.run_key = r.run_key and m.name_key = n.name_key) as last
			from runs r cross join metric_names n where r.run = $1 and n.name = $2)
		select max(x.step), max(x.samples_seen), avg(x.value), min(x.value), max(x.value), count(*)
		from stream s join metrics x using (run_key, name_key)
		where x.value > '-Infinity' and x.value < 'Infinity'
		group by x.step * $3::bigint / (s.last + 1) order by 1`, runID, name, parts)
}
