-- A sweep whose cancel is on its way says so.

alter table sweeps drop constraint sweeps_state_known;
alter table sweeps add constraint sweeps_state_known check (state in
    ('planned', 'queued', 'running', 'paused', 'budget reached', 'cancelling', 'succeeded', 'failed', 'cancelled'));
