package migrations_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/internal/pgtest"
)

// Fits that were stored before fit_runs knew whose score each run brought learn it from their
// record, so that they do not all become stale.
func TestRecordsLearnTheirScores(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgtest.Empty(t))
	exec := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	exec(file("0001_initial.sql") + file("0002_views.sql") + `
		insert into models (config_sha256, name, config, parameters, gmacs_image, gmacs_text) values ('m', 'm', '{}', 1, 1, 1);
		insert into datasets (name, revision, pairs, source) values ('d', 'r', 1, 's');
		insert into sweeps (name, spec, spec_sha256, code_version, state) values ('s', '{}', '', 'v1', 'succeeded');
		insert into runs (run, trainer, trainer_revision, model_key, dataset_key, samples_seen, actual_samples_seen, seed, recipe,
		                  gmacs_per_sample, gmacs_total, resolved, state)
		select 'run ' || i, 'clip', '1', 1, 1, 8, 8, i, '{"batch_size": 1}', 1, 8, '{}', 'succeeded' from generate_series(1, 3) i;
		insert into sweep_runs (sweep_key, ordinal, run_key, origin) values (1, 0, 1, 'planned'), (1, 1, 2, 'planned'), (1, 2, 3, 'planned');
		insert into evaluations (run_key, step, task, metric, revision, evaluator, value, samples) values
			(1, 8, 't', 'e', 'r1', 'e1', 0.5, 1), (2, 8, 't', 'e', 'r1', 'e1', 0.5, 1);
		insert into fits (fit, sweep_key, sweep, metric, group_by, select_runs, rule, law, status, compute_convention, n_points, n_used, r2, level, interval_method, record)
		values ('f', 1, 's', 't/e', '', 'best', 'all', 'power', 'ok', '', 1, 1, 1, 0.95, '',
		        '{"inputs": [{"id": "both", "revision": "r1", "evaluator": "e1"}, {"id": "run 3", "revision": "", "evaluator": ""}]}');
		insert into fit_runs (fit, run_key, point, step, used, reason, c, e) values ('f', 1, 'both', 8, true, '', 8, 0.5), ('f', 2, 'both', 8, true, '', 8, 0.5), ('f', 3, 'run 3', 0, false, 'failed', 8, null);`)
	exec(file("0003_records.sql"))
	var known int
	var stale *string
	if err := conn.QueryRow(ctx, "select (select count(*) from fit_runs where revision = 'r1' and evaluator = 'e1'), fit_stale('f')").Scan(&known, &stale); err != nil {
		t.Fatal(err)
	}
	if known != 2 || stale != nil {
		t.Errorf("%d of 2 scores are known; stale: %v", known, stale)
	}
}
