-- What people read with psql.

create view scaling_coefficients as
select f.sweep, f.metric, f."group", f.rule, f.law, c.name as coefficient, c.value, c.lower, c.upper, f.level,
       f.interval_method, f.compute_convention, f.n_used, f.n_points, f.r2, f.fit, f.created_at,
       not exists (select from fits g where (g.sweep, g.metric, g.rule, g.law, g.group_by) = (f.sweep, f.metric, f.rule, f.law, f.group_by)
                   and g."group" is not distinct from f."group" and g.created_at > f.created_at) as newest
from fits f join coefficients c using (fit)
order by f.created_at desc, f.sweep, f.metric, f."group", f.rule, f.law, c.name;
comment on view scaling_coefficients is 'E = beta * C^alpha, one row a coefficient, with interval, rule, law, convention and number of points. newest: no later fit of the same question.';

create view pareto_frontier as
select f.sweep, f.metric, f."group", f.fit, r.run, m.name as model, d.name as data, r.samples_seen, fr.c, fr.e, fr.step
from fits f
join fit_runs fr on fr.fit = f.fit and fr.used
join runs r using (run_key) join models m using (model_key) join datasets d using (dataset_key)
where f.rule = 'pareto' and f.status = 'ok'
  and not exists (select from fits g where (g.sweep, g.metric, g.rule, g.law, g.group_by) = (f.sweep, f.metric, f.rule, f.law, f.group_by)
                  and g."group" is not distinct from f."group" and g.created_at > f.created_at)
order by f.sweep, f.metric, f."group", fr.c;
comment on view pareto_frontier is 'Runs on the frontier of the newest pareto fit of each sweep, metric and group: c in forward GMACs, e a fraction.';

create view run_summary as
select r.run, r.trainer, m.name as model, d.name as data, r.samples_seen, r.actual_samples_seen, r.seed, r.gmacs_total,
       r.recipe, r.state, r.reason,
       (select count(*) from attempts a where a.run_key = r.run_key) as attempts,
       (select coalesce(sum(a.device_seconds), 0) from attempts a where a.run_key = r.run_key) as device_seconds,
       (select x.value from metrics x join metric_names n using (name_key)
        where x.run_key = r.run_key and n.name = 'loss' order by x.step desc limit 1) as last_loss,
       (select jsonb_object_agg(e.task || '/' || e.metric, e.value order by e.created_at) from evaluations e
        where e.run_key = r.run_key and e.step = (select max(step) from evaluations l where l.run_key = r.run_key)) as scores,
       array(select s.name from sweep_runs sr join sweeps s using (sweep_key) where sr.run_key = r.run_key order by 1) as sweeps
from runs r join models m using (model_key) join datasets d using (dataset_key);
comment on view run_summary is 'One row a run: what it is, where it stands, its last loss in nats and the scores of its last evaluated checkpoint.';

create view run_metrics as
select r.run, n.name as metric, x.step, x.samples_seen, x.value, x.attempt
from metrics x join runs r using (run_key) join metric_names n using (name_key);
comment on view run_metrics is 'The training streams by run id and metric name.';
