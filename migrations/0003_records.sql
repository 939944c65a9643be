-- Fits as records: the score that each run brought, who took runs out and back in, predictions
-- that are scored by the run they were about, and which fits no longer say what the runs say.

alter table fit_runs
    add column revision  text not null default '',
    add column evaluator text not null default '';
update fit_runs fr set revision = i.revision, evaluator = i.evaluator
from fits f, jsonb_to_recordset(f.record -> 'inputs') as i (id text, revision text, evaluator text)
where f.fit = fr.fit and i.id = fr.point;
comment on column fit_runs.revision is 'Revision of the task that the run was scored on; empty: it had no score.';
comment on column fit_runs.evaluator is 'Evaluator of that score; empty: it had no score.';

alter table exclusions
    add column withdrawn_by     text not null default '',
    add column withdrawn_reason text not null default '';
comment on column exclusions.withdrawn_by is 'Who included it again; empty while it is out.';
comment on column exclusions.withdrawn_reason is 'Why, in words; may be empty.';

alter table predictions
    add column level     double precision not null default 0.95,
    add column tolerance double precision not null default 0.05
        constraint predictions_tolerance_known check (tolerance >= 0 and tolerance < 1),
    add column converted boolean not null default false,
    add column inside    boolean generated always as (observed between run_lower and run_upper) stored,
    add constraint predictions_once unique (fit, c);
alter table predictions alter column level drop default, alter column tolerance drop default, alter column converted drop default;
create index predictions_open_idx on predictions (fit) where run_key is null;
comment on column predictions.level is 'Confidence level of the intervals.';
comment on column predictions.tolerance is 'A run whose compute lies within this share of c scores the prediction.';
comment on column predictions.converted is 'The metric is a share of successes: E is 1 minus it.';
comment on column predictions.inside is 'Whether the observed error lies in the interval of a new run; null until it was scored.';

create function run_in_group(resolved jsonb, group_by text, value text) returns boolean language sql immutable as $$
    select group_by = '' or value = case group_by when 'data' then resolved #>> '{data,name}' when 'model' then resolved #>> '{model,name}' end
$$;
comment on function run_in_group is 'Whether a run (as resolved) belongs to a fit''s group.';

create function final_score(of_run bigint, of_task text, of_metric text) returns setof evaluations language sql stable as $$
    select e.* from evaluations e join runs r using (run_key)
    where e.run_key = of_run and e.task = of_task and e.metric = of_metric
      and e.step = r.actual_samples_seen / (r.recipe ->> 'batch_size')::bigint
    order by e.created_at desc, e.revision desc, e.evaluator desc limit 1
$$;
comment on function final_score is 'A run''s score at its last step, by the newest revision and evaluator: what a fit takes.';

create function fit_stale(id text) returns text language sql stable as $$
    with changes as (
        select r.run, case
                 when x.run_key is not null then case when fr.evaluator <> '' then 'excluded' end
                 when e.run_key is null then null
                 when coalesce(fr.evaluator, '') = '' then 'added'
                 when (e.revision, e.evaluator) <> (fr.revision, fr.evaluator) then 'rescored'
               end as change
        from fits f
        join sweep_runs sr on sr.sweep_key = f.sweep_key
        join runs r on r.run_key = sr.run_key and run_in_group(r.resolved, f.group_by, f."group")
        left join fit_runs fr on fr.fit = f.fit and fr.run_key = r.run_key
        left join exclusions x on x.run_key = r.run_key and x.withdrawn_at is null
        left join lateral final_score(r.run_key, split_part(f.metric, '/', 1), substr(f.metric, strpos(f.metric, '/') + 1)) e on r.state = 'succeeded'
        where f.fit = id
    ), counted as (
        select change, count(*) as n, array_agg(left(run, 12) order by run) as runs from changes where change is not null group by change
    )
    select string_agg(change || ': ' || array_to_string(runs[1:3], ', ') || case when n > 3 then ' and ' || n - 3 || ' more' else '' end,
                      '; ' order by array_position('{excluded,rescored,added}', change))
    from counted
$$;
comment on function fit_stale is 'Why a fit is stale: runs excluded or rescored since, or runs that its question would now include; null: it is not.';

create or replace view scaling_coefficients as
select f.sweep, f.metric, f."group", f.rule, f.law, c.name as coefficient, c.value, c.lower, c.upper, f.level,
       f.interval_method, f.compute_convention, f.n_used, f.n_points, f.r2, f.fit, f.created_at,
       not exists (select from fits g where (g.sweep, g.metric, g.rule, g.law, g.group_by) = (f.sweep, f.metric, f.rule, f.law, f.group_by)
                   and g."group" is not distinct from f."group" and g.created_at > f.created_at) as newest,
       fit_stale(f.fit) as stale
from fits f join coefficients c using (fit)
order by f.created_at desc, f.sweep, f.metric, f."group", f.rule, f.law, c.name;
comment on view scaling_coefficients is 'E = beta * C^alpha, one row a coefficient, with interval, rule, law, convention and number of points. newest: no later fit of the same question. stale: what changed under the fit since, null when nothing did.';

create view registered_predictions as
select f.sweep, f.metric, f."group", f.rule, f.law, p.c, p.value, p.law_lower, p.law_upper, p.run_lower, p.run_upper, p.level, p.tolerance,
       p.author, p.registered_at, r.run, p.observed, p.inside, p.scored_at, p.fit
from predictions p join fits f using (fit) left join runs r using (run_key)
order by p.registered_at, p.prediction_key;
comment on view registered_predictions is 'Predictions registered before the run was made, and how they scored. inside: null until that run landed.';
