package store

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scalelaw/scalelaw/sweep"
)

// LoadedRun is all that happened to a run of a sweep that is there already.
type LoadedRun struct {
	ID          string
	State       sweep.State
	Reason      string
	Attempt     sweep.Attempt
	Checkpoints []sweep.Checkpoint
	Evaluations []sweep.Evaluation
	Metrics     iter.Seq[sweep.Metric] // by name, then step
}

// Loaded counts rows.
type Loaded struct {
	Runs        int64 `json:"runs"`
	Checkpoints int64 `json:"checkpoints"`
	Evaluations int64 `json:"evaluations"`
	Metrics     int64 `json:"metrics"`
}

// loadTogether is how many runs a COPY holds.
const loadTogether = 50

// Load writes runs into a scratch database by COPY, without the indexes and checks of metrics,
// which it makes afterwards. More may be loaded later, by the same call.
func (s *Store) Load(ctx context.Context, runs iter.Seq[LoadedRun], done func(Loaded)) (n Loaded, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return n, wrap("load runs", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `
		alter table metrics drop constraint metrics_pk, drop constraint metrics_run, drop constraint metrics_name;
		alter table evaluations drop constraint evaluations_run`); err != nil {
		return n, wrap("load runs", err)
	}
	l := loader{conn: conn, names: map[string]int16{}}
	for r := range runs {
		if l.batch = append(l.batch, r); len(l.batch) == loadTogether {
			if err := l.flush(ctx); err != nil {
				return l.n, wrap("load runs", err)
			}
			done(l.n)
		}
	}
	if err := l.flush(ctx); err != nil {
		return l.n, wrap("load runs", err)
	}
	done(l.n)
	return l.n, wrap("load runs", l.finish(ctx))
}

type loader struct {
	conn  *pgxpool.Conn
	names map[string]int16
	batch []LoadedRun
	keys  map[string]int64
	n     Loaded
}

// finish makes what was left out before, and what the program keeps as it writes.
func (l *loader) finish(ctx context.Context) error {
	for _, statement := range []string{
		`alter table metrics add constraint metrics_pk primary key (run_key, name_key, step)`,
		`alter table metrics add constraint metrics_run foreign key (run_key) references runs on delete cascade not valid,
		   add constraint metrics_name foreign key (name_key) references metric_names not valid`,
		`alter table evaluations add constraint evaluations_run foreign key (run_key) references runs on delete cascade not valid`,
		`select count(leave_buckets(x.run_key, x.name_key, bucket_width(r), 0, p.step)::text)
		   from (select r, n.name_key, r.run_key from runs r cross join metric_names n) x join run_progress p using (run_key)
		   where bucket_width(x.r) is not null`,
		`vacuum (analyze)`,
	} {
		if _, err := l.conn.Exec(ctx, statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) flush(ctx context.Context) error {
	if len(l.batch) == 0 {
		return nil
	}
	if err := l.findKeys(ctx); err != nil {
		return err
	}
	for _, do := range []func(context.Context) error{l.attempts, l.progress, l.checkpoints, l.evaluations, l.metrics, l.states} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	l.n.Runs += int64(len(l.batch))
	l.batch = l.batch[:0]
	return nil
}

func (l *loader) findKeys(ctx context.Context) error {
	ids := make([]string, len(l.batch))
	for i, r := range l.batch {
		ids[i] = r.ID
	}
	rows, err := l.conn.Query(ctx, "select run, run_key from runs where run = any($1)", ids)
	if err != nil {
		return err
	}
	l.keys = map[string]int64{}
	var run string
	var key int64
	if _, err = pgx.ForEachRow(rows, []any{&run, &key}, func() error { l.keys[run] = key; return nil }); err == nil && len(l.keys) != len(ids) {
		err = fmt.Errorf("%d of %d runs: %w", len(ids)-len(l.keys), len(ids), sweep.ErrNotFound)
	}
	return err
}

// copy writes the rows that each run of the batch gives.
func (l *loader) copy(ctx context.Context, table string, columns []string, of func(key int64, r LoadedRun) iter.Seq[[]any]) (int64, error) {
	next, stop := iter.Pull(func(yield func([]any) bool) {
		for _, r := range l.batch {
			for row := range of(l.keys[r.ID], r) {
				if !yield(row) {
					return
				}
			}
		}
	})
	defer stop()
	return l.conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		row, _ := next()
		return row, nil // nil at the end
	}))
}

// one is a sequence of a single row.
func one(row ...any) iter.Seq[[]any] { return func(yield func([]any) bool) { yield(row) } }

func (l *loader) attempts(ctx context.Context) error {
	_, err := l.copy(ctx, "attempts", []string{"run_key", "attempt", "worker", "host", "device", "resumed_from_step", "started_at", "ended_at", "device_seconds", "outcome", "error"},
		func(key int64, r LoadedRun) iter.Seq[[]any] {
			a := r.Attempt
			var ended any
			if !a.EndedAt.IsZero() {
				ended = a.EndedAt
			}
			return one(key, a.Number, a.Worker, a.Host, a.Device, a.ResumedFrom, a.StartedAt, ended, a.DeviceSeconds, string(a.Outcome), a.Error)
		})
	return err
}

func (l *loader) checkpoints(ctx context.Context) error {
	n, err := l.copy(ctx, "checkpoints", []string{"run_key", "step", "attempt", "samples_seen", "kept", "uri", "sha256", "bytes"},
		func(key int64, r LoadedRun) iter.Seq[[]any] {
			return func(yield func([]any) bool) {
				for _, c := range r.Checkpoints {
					if !yield([]any{key, c.Step, c.Attempt, c.SamplesSeen, c.Kept, c.Weights.URI, c.Weights.SHA256, c.Weights.Bytes}) {
						return
					}
				}
			}
		})
	l.n.Checkpoints += n
	return err
}

func (l *loader) evaluations(ctx context.Context) error {
	n, err := l.copy(ctx, "evaluations", []string{"run_key", "step", "task", "metric", "revision", "evaluator", "value", "samples"},
		func(key int64, r LoadedRun) iter.Seq[[]any] {
			return func(yield func([]any) bool) {
				for _, e := range r.Evaluations {
					if !yield([]any{key, e.Step, e.Task, e.Metric, e.Revision, e.Evaluator, e.Value, e.Samples}) {
						return
					}
				}
			}
		})
	l.n.Evaluations += n
	return err
}
