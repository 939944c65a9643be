-- The whole of scalelaw's state. Names are the field's; COMMENT ON has the units.

create table models (
    model_key     bigint generated always as identity constraint models_pk primary key,
    config_sha256 text not null constraint models_config_once unique,
    name          text not null,
    config        jsonb not null,
    parameters    bigint not null constraint models_parameters_positive check (parameters > 0),
    gmacs_image   double precision not null constraint models_gmacs_image_positive check (gmacs_image > 0),
    gmacs_text    double precision not null constraint models_gmacs_text_positive check (gmacs_text > 0)
);
comment on table models is 'Architectures that runs were planned with, each once.';
comment on column models.model_key is 'Internal key.';
comment on column models.config_sha256 is 'sha256 of the configuration without its name.';
comment on column models.name is 'Name in the catalogue, or path of the open_clip model file.';
comment on column models.config is 'The configuration: widths, depths, patch size, vocabulary.';
comment on column models.parameters is 'Trainable numbers, embeddings and logit scale included.';
comment on column models.gmacs_image is 'Forward multiply-adds of the image tower, in 1e9 a sample.';
comment on column models.gmacs_text is 'Forward multiply-adds of the text tower, in 1e9 a sample.';

create table datasets (
    dataset_key bigint generated always as identity constraint datasets_pk primary key,
    name        text not null,
    revision    text not null,
    pairs       bigint not null constraint datasets_pairs_positive check (pairs > 0),
    source      text not null,
    constraint datasets_name_revision_once unique (name, revision)
);
comment on table datasets is 'Training data, each revision once.';
comment on column datasets.dataset_key is 'Internal key.';
comment on column datasets.name is 'Name in the catalogue.';
comment on column datasets.revision is 'Changes when the pairs or their order change.';
comment on column datasets.pairs is 'Unique image-text pairs.';
comment on column datasets.source is 'What the pairs were taken from.';

create table sweeps (
    sweep_key    bigint generated always as identity constraint sweeps_pk primary key,
    name         text not null constraint sweeps_name_once unique,
    spec         jsonb not null,
    spec_sha256  text not null,
    code_version text not null,
    state        text not null constraint sweeps_state_known check (state in
        ('planned', 'queued', 'running', 'paused', 'budget reached', 'succeeded', 'failed', 'cancelled')),
    reason       text not null default '',
    created_at   timestamptz not null default now(),
    ended_at     timestamptz
);
comment on table sweeps is 'Grids that were asked for.';
comment on column sweeps.sweep_key is 'Internal key.';
comment on column sweeps.name is 'The name that people use.';
comment on column sweeps.spec is 'The sweep file as parsed; after an extend, the newest one.';
comment on column sweeps.spec_sha256 is 'sha256 of the spec as it was given.';
comment on column sweeps.code_version is 'Version of the program that planned it.';
comment on column sweeps.state is 'Where the sweep stands.';
comment on column sweeps.reason is 'Why it ended as it did, in words.';
comment on column sweeps.created_at is 'When it was planned.';
comment on column sweeps.ended_at is 'When it ended; null while it has not.';

create table runs (
    run_key             bigint generated always as identity constraint runs_pk primary key,
    run                 text not null constraint runs_run_once unique,
    trainer             text not null,
    trainer_revision    text not null,
    model_key           bigint not null constraint runs_model references models,
    dataset_key         bigint not null constraint runs_dataset references datasets,
    samples_seen        bigint not null constraint runs_samples_positive check (samples_seen > 0),
    actual_samples_seen bigint not null constraint runs_actual_samples_positive check (actual_samples_seen > 0),
    seed                bigint not null,
    recipe              jsonb not null,
    gmacs_per_sample    double precision not null constraint runs_gmacs_per_sample_positive check (gmacs_per_sample > 0),
    gmacs_total         double precision not null constraint runs_gmacs_total_positive check (gmacs_total > 0),
    resolved            jsonb not null,
    state               text not null constraint runs_state_known check (state in
        ('planned', 'queued', 'running', 'paused', 'succeeded', 'failed', 'diverged', 'cancelled')),
    reason              text not null default '',
    created_at          timestamptz not null default now(),
    ended_at            timestamptz
);
create index runs_model_idx on runs (model_key);
create index runs_dataset_idx on runs (dataset_key);
comment on table runs is 'Models to train, each content once, whichever sweeps ask for it.';
comment on column runs.run_key is 'Internal key.';
comment on column runs.run is 'The run''s id: hash of everything that decides its weights.';
comment on column runs.trainer is 'clip, openclip, command or surface (which trains nothing).';
comment on column runs.trainer_revision is 'Revision of the trainer''s numerics.';
comment on column runs.model_key is 'The architecture.';
comment on column runs.dataset_key is 'The training data.';
comment on column runs.samples_seen is 'Samples seen that were asked for.';
comment on column runs.actual_samples_seen is 'Samples really seen: whole global batches.';
comment on column runs.seed is 'Seed of weights, order and augmentation.';
comment on column runs.recipe is 'Global batch size, learning rate, warm-up in steps and the rest.';
comment on column runs.gmacs_per_sample is 'Forward multiply-adds of both towers, in 1e9 a sample.';
comment on column runs.gmacs_total is 'Compute C: gmacs_per_sample times actual_samples_seen, in 1e9 multiply-adds.';
comment on column runs.resolved is 'The run as resolved, whole.';
comment on column runs.state is 'Where the run stands.';
comment on column runs.reason is 'Why it failed or diverged, in words.';
comment on column runs.created_at is 'When a sweep first asked for it.';
comment on column runs.ended_at is 'When it came to its state, if that is final.';

create table sweep_runs (
    sweep_key bigint not null constraint sweep_runs_sweep references sweeps on delete cascade,
    ordinal   int not null constraint sweep_runs_ordinal_positive check (ordinal >= 0),
    run_key   bigint not null constraint sweep_runs_run references runs,
    origin    text not null constraint sweep_runs_origin_known check (origin in ('planned', 'reused', 'imported')),
    constraint sweep_runs_pk primary key (sweep_key, ordinal),
    constraint sweep_runs_run_once unique (sweep_key, run_key)
);
create index sweep_runs_run_idx on sweep_runs (run_key);
comment on table sweep_runs is 'The cells of sweeps.';
comment on column sweep_runs.sweep_key is 'The sweep.';
comment on column sweep_runs.ordinal is 'Place in the plan, from 0; stays when the sweep is extended.';
comment on column sweep_runs.run_key is 'The run of the cell.';
comment on column sweep_runs.origin is 'planned: this sweep asked first; reused: the run had succeeded before; imported: from elsewhere.';

create table attempts (
    run_key           bigint not null constraint attempts_run references runs on delete cascade,
    attempt           int not null constraint attempts_number_positive check (attempt > 0),
    worker            text not null,
    host              text not null,
    device            text not null,
    resumed_from_step bigint not null constraint attempts_resumed_positive check (resumed_from_step >= 0),
    started_at        timestamptz not null,
    ended_at          timestamptz,
    device_seconds    double precision not null default 0 constraint attempts_seconds_positive check (device_seconds >= 0),
    outcome           text not null constraint attempts_outcome_known check (outcome in
        ('running', 'succeeded', 'failed', 'diverged', 'cancelled', 'paused', 'lost')),
    error             text not null default '',
    constraint attempts_pk primary key (run_key, attempt)
);
comment on table attempts is 'Tries at training a run; a resumed run has several.';
comment on column attempts.run_key is 'The run.';
comment on column attempts.attempt is 'Number within the run, from 1.';
comment on column attempts.worker is 'Identity of the worker process.';
comment on column attempts.host is 'Host name.';
comment on column attempts.device is 'What it computed on.';
comment on column attempts.resumed_from_step is 'Step of the checkpoint it began at; 0: from the start.';
comment on column attempts.started_at is 'When it began.';
comment on column attempts.ended_at is 'When it ended; null while it runs.';
comment on column attempts.device_seconds is 'Seconds that it held its device.';
comment on column attempts.outcome is 'How it ended; lost: its worker went away.';
comment on column attempts.error is 'The error that ended it, in words.';

create table metric_names (
    name_key smallint generated always as identity constraint metric_names_pk primary key,
    name     text not null constraint metric_names_once unique
);
comment on table metric_names is 'Names of training metrics.';
comment on column metric_names.name_key is 'Internal key.';
comment on column metric_names.name is 'loss (nats), learning_rate, grad_norm, logit_scale (log), samples_per_second.';

create table metrics (
    run_key      bigint not null constraint metrics_run references runs on delete cascade,
    step         bigint not null constraint metrics_step_positive check (step >= 0),
    samples_seen bigint not null,
    value        double precision not null,
    attempt      int not null,
    name_key     smallint not null constraint metrics_name references metric_names,
    constraint metrics_pk primary key (run_key, name_key, step)
);
comment on table metrics is 'The training streams of runs. A later attempt replaces what lies after the step it resumed from.';
comment on column metrics.run_key is 'The run.';
comment on column metrics.step is 'Optimizer steps done.';
comment on column metrics.samples_seen is 'Samples seen by then.';
comment on column metrics.value is 'The value, exact.';
comment on column metrics.attempt is 'The attempt that wrote it.';
comment on column metrics.name_key is 'Which metric.';

create table checkpoints (
    run_key      bigint not null constraint checkpoints_run references runs on delete cascade,
    step         bigint not null constraint checkpoints_step_positive check (step > 0),
    attempt      int not null,
    samples_seen bigint not null,
    kept         boolean not null,
    uri          text not null,
    sha256       text not null,
    bytes        bigint not null constraint checkpoints_bytes_positive check (bytes >= 0),
    state_uri    text,
    state_sha256 text,
    state_bytes  bigint,
    constraint checkpoints_pk primary key (run_key, step),
    constraint checkpoints_state_whole check (num_nulls(state_uri, state_sha256, state_bytes) in (0, 3))
);
create index checkpoints_sha256_idx on checkpoints (sha256);
create index checkpoints_state_sha256_idx on checkpoints (state_sha256) where state_sha256 is not null;
comment on table checkpoints is 'Durable states of runs.';
comment on column checkpoints.run_key is 'The run.';
comment on column checkpoints.step is 'Optimizer steps done.';
comment on column checkpoints.attempt is 'The attempt that wrote it.';
comment on column checkpoints.samples_seen is 'Samples seen by then.';
comment on column checkpoints.kept is 'Kept for evaluation; others only serve to resume.';
comment on column checkpoints.uri is 'Where the weights lie (safetensors).';
comment on column checkpoints.sha256 is 'sha256 of the weights'' file.';
comment on column checkpoints.bytes is 'Size of the weights'' file in bytes.';
comment on column checkpoints.state_uri is 'Where the optimizer''s state lies; null when no resume needs it any more.';
comment on column checkpoints.state_sha256 is 'sha256 of the state''s file.';
comment on column checkpoints.state_bytes is 'Size of the state''s file in bytes.';

create table evaluations (
    run_key    bigint not null constraint evaluations_run references runs on delete cascade,
    step       bigint not null,
    task       text not null,
    metric     text not null,
    revision   text not null,
    evaluator  text not null,
    value      double precision not null,
    samples    bigint not null,
    created_at timestamptz not null default now(),
    constraint evaluations_pk primary key (run_key, step, task, metric, revision, evaluator)
);
comment on table evaluations is 'Scores of checkpoints; never replaced, a new revision or evaluator is a new row.';
comment on column evaluations.run_key is 'The run.';
comment on column evaluations.step is 'Step of the checkpoint.';
comment on column evaluations.task is 'What it was evaluated on: icons-test.';
comment on column evaluations.metric is 'top1_error (fraction), image_recall@5 (fraction), ...';
comment on column evaluations.revision is 'Revision of the task: classes, templates, images.';
comment on column evaluations.evaluator is 'The program and version that computed it.';
comment on column evaluations.value is 'The score, exact.';
comment on column evaluations.samples is 'Evaluated samples behind the score; 0: not measured on samples.';
comment on column evaluations.created_at is 'When it was recorded.';

create table fits (
    fit                text constraint fits_pk primary key,
    sweep_key          bigint constraint fits_sweep references sweeps on delete set null,
    sweep              text not null,
    metric             text not null,
    group_by           text not null,
    "group"            text,
    select_runs        text not null,
    rule               text not null,
    law                text not null,
    status             text not null constraint fits_status_known check (status in ('ok', 'refused')),
    reason             text not null default '',
    compute_convention text not null,
    n_points           int not null,
    n_used             int not null,
    r2                 double precision not null,
    level              double precision not null,
    interval_method    text not null,
    record             jsonb not null,
    created_at         timestamptz not null default clock_timestamp()
);
create index fits_newest_idx on fits (sweep, metric, "group", rule, law, created_at desc);
comment on table fits is 'Fits as immutable records: what was asked, of which runs, and what came out.';
comment on column fits.fit is 'The fit''s id: hash of its inputs.';
comment on column fits.sweep_key is 'The sweep, while it exists.';
comment on column fits.sweep is 'Name of the sweep.';
comment on column fits.metric is 'TASK/METRIC that gave the error E.';
comment on column fits.group_by is 'Field that separates the laws; empty: one law.';
comment on column fits."group" is 'Its value here; null: one law.';
comment on column fits.select_runs is 'best: best recipe of each cell, seeds averaged; all: every run.';
comment on column fits.rule is 'Frontier rule.';
comment on column fits.law is 'Form of the law.';
comment on column fits.status is 'ok, or refused with a reason.';
comment on column fits.reason is 'Code of the refusal.';
comment on column fits.compute_convention is 'How compute C is counted; beta depends on it.';
comment on column fits.n_points is 'Points before the frontier rule.';
comment on column fits.n_used is 'Points that the line was fitted to.';
comment on column fits.r2 is 'Share of the variance of log E explained.';
comment on column fits.level is 'Confidence level of the intervals.';
comment on column fits.interval_method is 'How the intervals were made.';
comment on column fits.record is 'The whole record, enough to compute it again.';
comment on column fits.created_at is 'When it was stored.';

create table coefficients (
    fit   text not null constraint coefficients_fit references fits on delete cascade,
    name  text not null,
    value double precision not null,
    lower double precision not null,
    upper double precision not null,
    constraint coefficients_pk primary key (fit, name)
);
comment on table coefficients is 'Numbers of fitted laws.';
comment on column coefficients.fit is 'The fit.';
comment on column coefficients.name is 'alpha (no unit), beta (in the unit that compute_convention implies).';
comment on column coefficients.value is 'The estimate.';
comment on column coefficients.lower is 'Lower end of the interval.';
comment on column coefficients.upper is 'Upper end of the interval.';

create table fit_runs (
    fit     text not null constraint fit_runs_fit references fits on delete cascade,
    run_key bigint not null constraint fit_runs_run references runs,
    point   text not null,
    step    bigint not null,
    used    boolean not null,
    reason  text not null,
    c       double precision not null,
    e       double precision,
    constraint fit_runs_pk primary key (fit, run_key),
    constraint fit_runs_reasoned check (used or reason <> '')
);
create index fit_runs_run_idx on fit_runs (run_key);
comment on table fit_runs is 'The exact runs behind each fit.';
comment on column fit_runs.fit is 'The fit.';
comment on column fit_runs.run_key is 'The run.';
comment on column fit_runs.point is 'The point that it is part of; seeds of a cell may share one.';
comment on column fit_runs.step is 'Step of the checkpoint whose score counted.';
comment on column fit_runs.used is 'Whether the line was fitted to the point.';
comment on column fit_runs.reason is 'Why it was not.';
comment on column fit_runs.c is 'Compute C of the point, in forward GMACs.';
comment on column fit_runs.e is 'Error E of the point, as a fraction; null when it had no score.';

create table predictions (
    prediction_key bigint generated always as identity constraint predictions_pk primary key,
    fit            text not null constraint predictions_fit references fits,
    c              double precision not null constraint predictions_compute_positive check (c > 0),
    value          double precision not null,
    law_lower      double precision not null,
    law_upper      double precision not null,
    run_lower      double precision not null,
    run_upper      double precision not null,
    author         text not null,
    registered_at  timestamptz not null default now(),
    run_key        bigint constraint predictions_run references runs,
    observed       double precision,
    scored_at      timestamptz,
    constraint predictions_scored_whole check (num_nulls(run_key, observed, scored_at) in (0, 3))
);
comment on table predictions is 'Predictions that were registered before the run was made, and how they scored.';
comment on column predictions.prediction_key is 'Internal key.';
comment on column predictions.fit is 'The fit that predicts.';
comment on column predictions.c is 'Compute C, in forward GMACs.';
comment on column predictions.value is 'Predicted error E, as a fraction.';
comment on column predictions.law_lower is 'Lower end of the law''s interval.';
comment on column predictions.law_upper is 'Upper end of the law''s interval.';
comment on column predictions.run_lower is 'Lower end of the interval of a new run.';
comment on column predictions.run_upper is 'Upper end of the interval of a new run.';
comment on column predictions.author is 'Who registered it.';
comment on column predictions.registered_at is 'When.';
comment on column predictions.run_key is 'The run that it was scored with; null until one landed.';
comment on column predictions.observed is 'That run''s error, as a fraction.';
comment on column predictions.scored_at is 'When it was scored.';

create table exclusions (
    exclusion_key bigint generated always as identity constraint exclusions_pk primary key,
    run_key       bigint not null constraint exclusions_run references runs on delete cascade,
    author        text not null,
    rule          text not null,
    reason        text not null constraint exclusions_reasoned check (reason <> ''),
    created_at    timestamptz not null default now(),
    withdrawn_at  timestamptz
);
create unique index exclusions_once on exclusions (run_key) where withdrawn_at is null;
comment on table exclusions is 'Runs that people took out of fits, on the record.';
comment on column exclusions.exclusion_key is 'Internal key.';
comment on column exclusions.run_key is 'The run.';
comment on column exclusions.author is 'Who.';
comment on column exclusions.rule is 'The rule that proposed it; empty: by hand.';
comment on column exclusions.reason is 'Why, in words.';
comment on column exclusions.created_at is 'When.';
comment on column exclusions.withdrawn_at is 'When it was included again; null while it is out.';
