package store

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// MetricsPage is a part of what Metrics reads.
func (s *Store) MetricsPage(ctx context.Context, runID string, names []string, p Page) (Listed[sweep.Metric], error) {
	at := struct {
		Step int64
		Name string
	}{Step: math.MinInt64}
	if _, err := p.after(&at); err != nil {
		return Listed[sweep.Metric]{}, err
	}
	rows, err := read(ctx, s, "read metrics of run "+runID, func(row pgx.CollectableRow) (m sweep.Metric, err error) {
		err = row.Scan(&m.Name, &m.Step, &m.SamplesSeen, &m.Value)
		return m, err
	}, `select n.name, x.step, x.samples_seen, x.value
		from runs r cross join metric_names n
		cross join lateral (select step, samples_seen, value from metrics x
			where x.run_key = r.run_key and x.name_key = n.name_key and x.step >= $3 and (x.step, n.name) > ($3, $4) order by x.step limit $5) x
		where r.run = $1 and (cardinality($2::text[]) = 0 or n.name = any($2)) order by x.step, n.name limit $5`,
		runID, append([]string{}, names...), at.Step, at.Name, p.limit()+1)
	if err != nil {
		return Listed[sweep.Metric]{}, err
	}
	return listed(rows, p, func(m sweep.Metric) any {
		at.Step, at.Name = m.Step, m.Name
		return at
	})
}
