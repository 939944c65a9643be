package migrations_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/internal/pgtest"
)

// A database that was filled before rollups were kept has them once it is migrated: progress,
// final scores, and buckets of the long run alone, but for the one that its stream is still in.
func TestRollupsOfOldRuns(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgtest.Empty(t))
	exec := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	apply := func(name string) {
		t.Helper()
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		exec(string(text))
	}
	for _, name := range []string{"0001_initial.sql", "0002_views.sql", "0003_records.sql", "0004_access.sql"} {
		apply(name)
	}
	exec(`
		insert into models (config_sha256, name, config, parameters, gmacs_image, gmacs_text) values ('m', 'm', '{}', 1, 1, 1);
		insert into datasets (name, revision, pairs, source) values ('d', 'r', 1, 's');
		insert into runs (run, trainer, trainer_revision, model_key, dataset_key, samples_seen, actual_samples_seen, seed, recipe,
		                  gmacs_per_sample, gmacs_total, resolved, state)
		values ('short', 'clip', '1', 1, 1, 80, 80, 0, '{"batch_size": 10}', 1, 8, '{"model": {"name": "m"}, "data": {"name": "d"}}', 'succeeded'),
		       ('long', 'clip', '1', 1, 1, 51200, 51200, 1, '{"batch_size": 10}', 1, 8, '{"model": {"name": "m"}, "data": {"name": "d"}}', 'running');
		insert into metric_names (name) values ('loss'), ('samples_per_second');
		insert into metrics (run_key, step, samples_seen, value, attempt, name_key)
		select 1, i, 10 * i, i, 1, 1 from generate_series(1, 8) i union all
		select 2, i, 10 * i, case when i = 45 then double precision 'NaN' else i end, 1, n from generate_series(1, 105) i cross join generate_series(1, 2) n;
		insert into evaluations (run_key, step, task, metric, revision, evaluator, value, samples) values
			(1, 4, 't', 'e', 'r1', 'e1', 0.9, 1), (1, 8, 't', 'e', 'r1', 'e1', 0.5, 1), (1, 8, 't', 'e', 'r2', 'e1', 0.25, 1);`)
	for _, name := range []string{"0005_rollups.sql", "0006_changes.sql", "0007_names.sql"} {
		apply(name)
	}
	for query, want := range map[string]string{
		"select string_agg(format('%s %s %s %s', run_key, step, loss, samples_per_second), '; ' order by run_key) from run_progress":      "1 8 8 ; 2 105 105 105",
		"select string_agg(format('%s %s %s', run_key, step, value), '; ') from final_scores":                                             "1 8 0.25",
		"select format('%s buckets, %s values, %s strange, of run %s', count(*), sum(n), sum(strange), max(run_key)) from metric_buckets": "10 buckets, 196 values, 2 strange, of run 2",
		"select format('%s %s %s %s', low, mean, high, step) from metric_buckets where bucket = 1 and name_key = 1":                       "20 29.5 39 39",
		"select string_agg(model_name || ' ' || dataset_name, '; ' order by run_key) from runs":                                           "m d; m d",
	} {
		var got string
		if err := conn.QueryRow(ctx, query).Scan(&got); err != nil || got != want {
			t.Errorf("%s\ngot  %s (%v)\nwant %s", query, got, err, want)
		}
	}
}
