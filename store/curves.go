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
// step; parts without a finite value are left out. Of a long run it reads the buckets that were
// kept while it trained, and of the stream itself only what came after them: what it costs does
// not grow with the run.
func (s *Store) Curve(ctx context.Context, runID, name string, parts int) ([]CurvePart, error) {
	return read(ctx, s, "read curve "+name+" of run "+runID, pgx.RowToStructByPos[CurvePart], `
		with stream as materialized (
			select r.run_key, n.name_key, (select max(step) from metrics m where m.run_key = r.run_key and m.name_key = n.name_key) as last,
			       coalesce(bucket_width(r) * (select max(bucket) + 1 from metric_buckets b where b.run_key = r.run_key and b.name_key = n.name_key), 0) as kept
			from runs r cross join metric_names n where r.run = $1 and n.name = $2
		), pieces as (
			select b.step, b.samples_seen, b.mean, b.low, b.high, b.n from stream join metric_buckets b using (run_key, name_key) where b.n > 0
			union all
			select x.step, x.samples_seen, x.value, x.value, x.value, 1
			from stream s join metrics x on x.run_key = s.run_key and x.name_key = s.name_key and x.step >= s.kept where is_finite(x.value)
		)
		select max(step), max(samples_seen), sum(mean * n) / sum(n), min(low), max(high), sum(n)::bigint
		from pieces cross join stream group by step * $3::bigint / (last + 1) order by 1`, runID, name, parts)
}
