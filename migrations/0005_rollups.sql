-- What pages read instead of whole streams: how far each run is, its curves in buckets, and
-- the scores at its last step.

create table run_progress (
    run_key            bigint constraint run_progress_pk primary key constraint run_progress_run references runs on delete cascade,
    step               bigint not null,
    samples_seen       bigint not null,
    loss               double precision,
    samples_per_second double precision,
    at                 timestamptz not null
) with (fillfactor = 70);
comment on table run_progress is 'How far each run is, kept by what writes metrics.';
comment on column run_progress.run_key is 'The run.';
comment on column run_progress.step is 'Last optimizer step that was logged.';
comment on column run_progress.samples_seen is 'Samples seen by then.';
comment on column run_progress.loss is 'Last logged loss, in nats; null: none was.';
comment on column run_progress.samples_per_second is 'Last logged speed, in samples a second; null: none was.';
comment on column run_progress.at is 'When that was written.';
insert into run_progress (run_key, step, samples_seen, loss, samples_per_second, at)
select x.run_key, max(x.step), max(x.samples_seen),
       (array_agg(x.value order by x.step desc) filter (where n.name = 'loss'))[1],
       (array_agg(x.value order by x.step desc) filter (where n.name = 'samples_per_second'))[1], now()
from metrics x join metric_names n using (name_key) group by x.run_key;

create table metric_buckets (
    run_key      bigint not null constraint metric_buckets_run references runs on delete cascade,
    name_key     smallint not null constraint metric_buckets_name references metric_names,
    bucket       bigint not null,
    n            int not null,
    strange      int not null,
    low          double precision,
    mean         double precision,
    high         double precision,
    step         bigint not null,
    samples_seen bigint not null,
    constraint metric_buckets_pk primary key (run_key, name_key, bucket)
);
comment on table metric_buckets is 'The training streams of long runs in at most 257 buckets of equally many steps (bucket_width), each kept once the stream has left it: their curves are drawn from these.';
comment on column metric_buckets.run_key is 'The run.';
comment on column metric_buckets.name_key is 'Which metric.';
comment on column metric_buckets.bucket is 'Number of the bucket: its steps divided by the width.';
comment on column metric_buckets.n is 'Finite values in it.';
comment on column metric_buckets.strange is 'Values that are not finite; the next three leave them out.';
comment on column metric_buckets.low is 'Smallest value, in the metric''s unit; null: none is finite.';
comment on column metric_buckets.mean is 'Their mean.';
comment on column metric_buckets.high is 'Largest value.';
comment on column metric_buckets.step is 'Its last step.';
comment on column metric_buckets.samples_seen is 'Samples seen by its last step.';

create function is_finite(x double precision) returns boolean language sql immutable parallel safe as $$
    select x > '-Infinity' and x < 'Infinity' -- NaN is above Infinity
$$;
comment on function is_finite is 'Whether x is a number and not infinite.';

create function bucket_width(r runs) returns bigint language sql immutable parallel safe as $$
    select case when steps >= 4096 then steps / 256 end
    from (select r.actual_samples_seen / (r.recipe ->> 'batch_size')::bigint as steps) x
$$;
comment on function bucket_width is 'Steps of a bucket of a run; null: it has few steps, and its curves are drawn from the stream itself.';

create function fill_buckets(of_run bigint, of_name smallint, width bigint, first_bucket bigint, end_bucket bigint) returns void language plpgsql as $$
begin
    insert into metric_buckets (run_key, name_key, bucket, n, strange, low, mean, high, step, samples_seen)
    select run_key, name_key, x.step / width, count(*) filter (where is_finite(value)), count(*) filter (where not is_finite(value)),
           min(value) filter (where is_finite(value)), avg(value) filter (where is_finite(value)), max(value) filter (where is_finite(value)),
           max(x.step), max(x.samples_seen)
    from metrics x where run_key = of_run and name_key = of_name and x.step >= width * first_bucket and x.step < width * end_bucket
    group by run_key, name_key, x.step / width
    on conflict (run_key, name_key, bucket) do update set n = excluded.n, strange = excluded.strange, low = excluded.low,
        mean = excluded.mean, high = excluded.high, step = excluded.step, samples_seen = excluded.samples_seen;
end
$$;
comment on function fill_buckets is 'Makes or renews the buckets of one stream from first_bucket to before end_bucket.';

create function leave_buckets(of_run bigint, of_name smallint, width bigint, first_step bigint, last_step bigint) returns void language plpgsql as $$
declare
    missing bigint := coalesce((select max(bucket) + 1 from metric_buckets where run_key = of_run and name_key = of_name), 0);
    newest  bigint := last_step / width;
begin
    if newest < missing then -- old rows were replaced
        perform fill_buckets(of_run, of_name, width, first_step / width, newest + 1);
    elsif least(first_step / width, missing) < newest then
        perform fill_buckets(of_run, of_name, width, least(first_step / width, missing), newest);
    end if;
end
$$;
comment on function leave_buckets is 'Brings the buckets of one stream up to date after its rows from first_step to last_step were written; that of its newest row stays open.';
select leave_buckets(run_key, name_key, bucket_width(r), 0, last)
from (select run_key, name_key, max(step) as last from metrics group by 1, 2) x join runs r using (run_key) where bucket_width(r) is not null;

create table final_scores (
    task       text not null,
    metric     text not null,
    run_key    bigint not null constraint final_scores_run references runs on delete cascade,
    step       bigint not null,
    revision   text not null,
    evaluator  text not null,
    value      double precision not null,
    samples    bigint not null,
    created_at timestamptz not null,
    constraint final_scores_pk primary key (task, metric, run_key)
);
create index final_scores_run_idx on final_scores (run_key);
comment on table final_scores is 'Each run''s score at its last step, by the newest revision and evaluator: what a fit takes. Kept by a trigger on evaluations.';
comment on column final_scores.task is 'What it was evaluated on.';
comment on column final_scores.metric is 'top1_error (fraction), image_recall@5 (fraction), ...';
comment on column final_scores.run_key is 'The run.';
comment on column final_scores.step is 'Its last step.';
comment on column final_scores.revision is 'Revision of the task.';
comment on column final_scores.evaluator is 'The program and version that computed it.';
comment on column final_scores.value is 'The score, exact.';
comment on column final_scores.samples is 'Evaluated samples behind the score; 0: not measured on samples.';
comment on column final_scores.created_at is 'When it was recorded.';

insert into final_scores (task, metric, run_key, step, revision, evaluator, value, samples, created_at)
select distinct on (e.task, e.metric, e.run_key) e.task, e.metric, e.run_key, e.step, e.revision, e.evaluator, e.value, e.samples, e.created_at
from evaluations e join runs r using (run_key)
where e.step = r.actual_samples_seen / (r.recipe ->> 'batch_size')::bigint
order by e.task, e.metric, e.run_key, e.created_at desc, e.revision desc, e.evaluator desc;

create function keep_final_scores() returns trigger language plpgsql as $$
begin
    insert into final_scores (task, metric, run_key, step, revision, evaluator, value, samples, created_at)
    select distinct on (e.task, e.metric, e.run_key) e.task, e.metric, e.run_key, e.step, e.revision, e.evaluator, e.value, e.samples, e.created_at
    from added e join runs r using (run_key)
    where e.step = r.actual_samples_seen / (r.recipe ->> 'batch_size')::bigint
    order by e.task, e.metric, e.run_key, e.created_at desc, e.revision desc, e.evaluator desc
    on conflict (task, metric, run_key) do update set step = excluded.step, revision = excluded.revision, evaluator = excluded.evaluator,
        value = excluded.value, samples = excluded.samples, created_at = excluded.created_at
    where (excluded.created_at, excluded.revision, excluded.evaluator) > (final_scores.created_at, final_scores.revision, final_scores.evaluator);
    return null;
end
$$;
comment on function keep_final_scores is 'Keeps final_scores as evaluations come.';
create trigger evaluations_final after insert on evaluations referencing new table as added for each statement execute function keep_final_scores();

drop function final_score;

create or replace view run_summary as
select r.run, r.trainer, m.name as model, d.name as data, r.samples_seen, r.actual_samples_seen, r.seed, r.gmacs_total,
       r.recipe, r.state, r.reason,
       (select count(*) from attempts a where a.run_key = r.run_key) as attempts,
       (select coalesce(sum(a.device_seconds), 0) from attempts a where a.run_key = r.run_key) as device_seconds,
       p.loss as last_loss,
       (select jsonb_object_agg(e.task || '/' || e.metric, e.value order by e.created_at) from evaluations e
        where e.run_key = r.run_key and e.step = (select max(step) from evaluations l where l.run_key = r.run_key)) as scores,
       array(select s.name from sweep_runs sr join sweeps s using (sweep_key) where sr.run_key = r.run_key order by 1) as sweeps
from runs r join models m using (model_key) join datasets d using (dataset_key) left join run_progress p using (run_key);
comment on view run_summary is 'One row a run: what it is, where it stands, its last loss in nats and the scores of its last evaluated checkpoint.';
