-- What changes is told to whoever listens on the channel scalelaw_changes: one JSON object a
-- change, so that live pages need no queries. Many changes of one statement are told as one.

create function tell(change json) returns void language sql as $$
    select pg_notify('scalelaw_changes', json_strip_nulls(change)::text)
$$;
comment on function tell is 'Sends a change to the listeners, when the transaction commits; the same change twice goes once.';

create function tell_runs(kind text, keys bigint[]) returns void language plpgsql as $$
begin -- not language sql, whose plan is made anew in every call
    perform tell(change) from (
        select distinct on (s.sweep_key, case when many then 0 else r.run_key end)
               json_build_object('kind', kind, 'sweep', s.name, 'run', case when not many then r.run end, 'state', case when not many then r.state end,
                                 'step', case when not many then p.step end,
                                 'loss', case when not many and is_finite(p.loss) then p.loss end,
                                 'samples_per_second', case when not many and is_finite(p.samples_per_second) then p.samples_per_second end) as change
        from (select cardinality(keys) > 64 as many) m
        cross join unnest(keys) as k (run_key)
        join runs r using (run_key)
        left join run_progress p using (run_key)
        left join sweep_runs sr using (run_key)
        left join sweeps s using (sweep_key)
    ) x;
end
$$;
comment on function tell_runs is 'Tells that runs changed: each of them in each of its sweeps or, when they are more than 64, only their sweeps.';

create function runs_changed() returns trigger language plpgsql as $$
begin
    perform tell_runs('run', array(select a.run_key from after a join before b using (run_key) where (a.state, a.reason) <> (b.state, b.reason)));
    return null;
end
$$;
comment on function runs_changed is 'Tells that runs came to another state.';
create trigger runs_told after update on runs referencing old table as before new table as after for each statement execute function runs_changed();

create function progress_changed() returns trigger language plpgsql as $$
begin
    perform tell_runs('progress', array[new.run_key]);
    return null;
end
$$;
comment on function progress_changed is 'Tells how far a run is.';
create trigger run_progress_told after insert or update on run_progress for each row execute function progress_changed();

create function rows_of_runs_added() returns trigger language plpgsql as $$
begin
    perform tell_runs(tg_argv[0], array(select distinct run_key from added));
    return null;
end
$$;
comment on function rows_of_runs_added is 'Tells that rows about runs were added; the trigger names their kind.';
create trigger evaluations_told after insert on evaluations referencing new table as added for each statement execute function rows_of_runs_added('score');
create trigger checkpoints_told after insert on checkpoints referencing new table as added for each statement execute function rows_of_runs_added('checkpoint');
create trigger attempts_told after insert on attempts referencing new table as added for each statement execute function rows_of_runs_added('attempt');
create trigger exclusions_added after insert on exclusions referencing new table as added for each statement execute function rows_of_runs_added('exclusion');
create trigger exclusions_told after update on exclusions referencing new table as added for each statement execute function rows_of_runs_added('exclusion');

create function sweep_changed() returns trigger language plpgsql as $$
begin
    perform tell(json_build_object('kind', 'sweep', 'sweep', coalesce(new.name, old.name), 'state', coalesce(new.state, 'deleted')));
    return null;
end
$$;
comment on function sweep_changed is 'Tells that a sweep was made, changed or deleted.';
create trigger sweeps_told after insert or update or delete on sweeps for each row execute function sweep_changed();

create function fit_added() returns trigger language plpgsql as $$
begin
    perform tell(json_build_object('kind', 'fit', 'sweep', new.sweep, 'fit', new.fit, 'metric', new.metric));
    return null;
end
$$;
comment on function fit_added is 'Tells that a law was fitted.';
create trigger fits_told after insert on fits for each row execute function fit_added();

create function prediction_changed() returns trigger language plpgsql as $$
begin
    perform tell(json_build_object('kind', 'prediction', 'sweep', f.sweep, 'fit', f.fit, 'metric', f.metric)) from fits f where f.fit = new.fit;
    return null;
end
$$;
comment on function prediction_changed is 'Tells that a prediction was registered or scored.';
create trigger predictions_told after insert or update on predictions for each row execute function prediction_changed();
