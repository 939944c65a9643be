package e2e

// What the tests read from Postgres; every query gives one text column.
const (
	metricLines = `select concat_ws(' ', m.run, m.metric, m.step, m.samples_seen, m.value) from run_metrics m
		where m.metric <> 'samples_per_second' order by m.run, m.metric, m.step`
	checkpointLines = `select concat_ws(' ', r.run, c.step, c.samples_seen, c.sha256) from checkpoints c join runs r using (run_key)
		where c.kept order by r.run, c.step`
	evaluationLines = `select concat_ws(' ', r.run, e.step, e.task, e.metric, e.revision, e.evaluator, e.value, e.samples)
		from evaluations e join runs r using (run_key) order by r.run, e.step, e.task, e.metric`
	cellLines = `select concat_ws(' ', r.run, r.state, (select count(*) from attempts a where a.run_key = r.run_key and a.outcome = 'succeeded'))
		from sweeps s join sweep_runs using (sweep_key) join runs r using (run_key) where s.name = $1 order by ordinal`
	attemptLines = `select concat_ws(' ', r.run, a.attempt, a.outcome) from attempts a join runs r using (run_key) order by 1`
)

// doubleRows find what must stand once. The tables' keys forbid it; a key that was dropped would
// show here.
var doubleRows = map[string]string{
	"metrics":     `select concat_ws(' ', run, metric, step) from run_metrics group by run, metric, step having count(*) > 1`,
	"checkpoints": `select concat_ws(' ', run_key, step) from checkpoints group by run_key, step having count(*) > 1`,
	"evaluations": `select concat_ws(' ', run_key, step, task, metric) from evaluations group by run_key, step, task, metric having count(*) > 1`,
	"open ends":   `select concat_ws(' ', run_key, attempt) from attempts where outcome = 'running'`,
	"fits": `select concat_ws(' ', metric, "group", rule) from fits f join (select fit, string_agg(run_key || ':' || step, ' ' order by run_key) as runs from fit_runs group by fit) r using (fit)
		group by sweep, metric, "group", rule, law, runs having count(*) > 1`,
}
