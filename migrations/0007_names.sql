-- What groups of laws are made by, as columns: runs are told apart without reading all that was
-- resolved about them.

alter table runs
    add column model_name   text generated always as (resolved #>> '{model,name}') stored,
    add column dataset_name text generated always as (resolved #>> '{data,name}') stored;
comment on column runs.model_name is 'Name of the architecture that this run was asked for with.';
comment on column runs.dataset_name is 'Name of its training data.';

create function in_group(r runs, group_by text, value text) returns boolean language sql immutable as $$
    select group_by = '' or value = case group_by when 'data' then r.dataset_name when 'model' then r.model_name end
$$;
comment on function in_group is 'Whether a run belongs to a fit''s group.';

-- Whether a fit is stale, in the time that a page has: the question is looked up first, so that
-- the plan for its runs knows the sweep, the metric and the group.
create or replace function fit_stale(id text) returns text language plpgsql stable as $$
declare
    f fits;
    of_task text;
    of_metric text;
begin
    select * into f from fits where fit = id;
    of_task := split_part(f.metric, '/', 1);
    of_metric := substr(f.metric, strpos(f.metric, '/') + 1);
    return (
        with changes as (
            select r.run, case
                     when x.run_key is not null then case when fr.evaluator <> '' then 'excluded' end
                     when e.run_key is null then null
                     when coalesce(fr.evaluator, '') = '' then 'added'
                     when (e.revision, e.evaluator) <> (fr.revision, fr.evaluator) then 'rescored'
                   end as change
            from sweep_runs sr
            join runs r on r.run_key = sr.run_key and in_group(r, f.group_by, f."group")
            left join fit_runs fr on fr.fit = id and fr.run_key = sr.run_key
            left join exclusions x on x.run_key = sr.run_key and x.withdrawn_at is null
            left join final_scores e on e.task = of_task and e.metric = of_metric and e.run_key = sr.run_key and r.state = 'succeeded'
            where sr.sweep_key = f.sweep_key
        ), counted as (
            select change, count(*) as n, array_agg(left(run, 12) order by run) as runs from changes where change is not null group by change
        )
        select string_agg(change || ': ' || array_to_string(runs[1:3], ', ') || case when n > 3 then ' and ' || n - 3 || ' more' else '' end,
                          '; ' order by array_position('{excluded,rescored,added}', change))
        from counted);
end
$$;

drop function run_in_group;
