package store

import (
	"context"
	"iter"

	"github.com/scalelaw/scalelaw/sweep"
)

// metrics writes the streams of the batch. The row that COPY is given is one and the same: it
// is written before the next is asked for.
func (l *loader) metrics(ctx context.Context) error {
	row := make([]any, 6)
	n, err := l.copy(ctx, "metrics", []string{"run_key", "step", "samples_seen", "value", "attempt", "name_key"},
		func(key int64, r LoadedRun) iter.Seq[[]any] {
			return func(yield func([]any) bool) {
				for m := range r.Metrics {
					row[0], row[1], row[2], row[3], row[4], row[5] = key, m.Step, m.SamplesSeen, m.Value, int32(r.Attempt.Number), l.names[m.Name]
					if !yield(row) {
						return
					}
				}
			}
		})
	l.n.Metrics += n
	return err
}

// progress notes how far each run is, by the last row of each of its streams, and learns the
// keys of their names.
func (l *loader) progress(ctx context.Context) error {
	last := make([]map[string]sweep.Metric, len(l.batch))
	for i, r := range l.batch {
		last[i] = map[string]sweep.Metric{}
		for m := range r.Metrics {
			last[i][m.Name] = m
		}
		for name := range last[i] {
			if _, known := l.names[name]; known {
				continue
			}
			var key int16
			if err := l.conn.QueryRow(ctx, `
				with added as (insert into metric_names (name) values ($1) on conflict do nothing returning name_key)
				select name_key from added union all select name_key from metric_names where name = $1`, name).Scan(&key); err != nil {
				return err
			}
			l.names[name] = key
		}
	}
	i := 0
	_, err := l.copy(ctx, "run_progress", []string{"run_key", "step", "samples_seen", "loss", "samples_per_second", "at"},
		func(key int64, r LoadedRun) iter.Seq[[]any] {
			m := last[i]
			i++
			loss, ok := m["loss"]
			if !ok {
				return func(func([]any) bool) {}
			}
			return one(key, loss.Step, loss.SamplesSeen, loss.Value, m["samples_per_second"].Value, r.Attempt.StartedAt)
		})
	return err
}

// states moves the runs to where they stand.
func (l *loader) states(ctx context.Context) error {
	var keys []int64
	var states, reasons []string
	for _, r := range l.batch {
		keys, states, reasons = append(keys, l.keys[r.ID]), append(states, string(r.State)), append(reasons, r.Reason)
	}
	_, err := l.conn.Exec(ctx, `
		update runs r set state = p.state, reason = p.reason, ended_at = (select ended_at from attempts a where a.run_key = r.run_key)
		from unnest($1::bigint[], $2::text[], $3::text[]) as p (run_key, state, reason) where r.run_key = p.run_key`, keys, states, reasons)
	return err
}
