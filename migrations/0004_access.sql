-- Who may read and write over HTTP, and what was written by whom.

create table tokens (
    token        text constraint tokens_pk primary key,
    sha256       text not null constraint tokens_sha256_once unique,
    label        text not null constraint tokens_labelled check (label <> ''),
    scope        text not null constraint tokens_scope_known check (scope in ('reading', 'writing')),
    created_by   text not null,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    revoked_by   text not null default '',
    constraint tokens_id_of_sha256 check (token = left(sha256, 12))
);
create unique index tokens_label_once on tokens (label) where revoked_at is null;
comment on table tokens is 'Tokens of people and programs. Only their hash is here: who reads this table can use none of them.';
comment on column tokens.token is 'The token''s id: the beginning of its hash.';
comment on column tokens.sha256 is 'sha256 of the whole token.';
comment on column tokens.label is 'What it is for, in words; one token that is not revoked has it.';
comment on column tokens.scope is 'reading: looks only; writing: reads and writes.';
comment on column tokens.created_by is 'Who made it.';
comment on column tokens.created_at is 'When.';
comment on column tokens.last_used_at is 'When it last let somebody in, to a minute; null: never.';
comment on column tokens.expires_at is 'From when on it lets nobody in; null: no such time.';
comment on column tokens.revoked_at is 'When it was withdrawn; null: it was not.';
comment on column tokens.revoked_by is 'Who withdrew it; empty: nobody.';

create table audit (
    audit_key  bigint generated always as identity constraint audit_pk primary key,
    at         timestamptz not null default clock_timestamp(),
    actor      text not null constraint audit_actor_named check (actor <> ''),
    source     text not null constraint audit_source_known check (source in ('web', 'cli')),
    action     text not null constraint audit_action_named check (action <> ''),
    target     text not null,
    outcome    text not null constraint audit_outcome_known check (outcome in ('done', 'refused', 'failed')),
    detail     text not null,
    request_id text not null,
    address    text not null
);
create index audit_actor_idx on audit (actor, audit_key desc);
create index audit_target_idx on audit (target, audit_key desc);
comment on table audit is 'Everything that people and programs asked to change. Rows are only added.';
comment on column audit.audit_key is 'Place in the record; grows.';
comment on column audit.at is 'When it was asked for.';
comment on column audit.actor is 'Who: the label of a token, or a user of the machine.';
comment on column audit.source is 'Which way it came: web or cli.';
comment on column audit.action is 'What: the verb, as on the command line (pause, exclude, token create).';
comment on column audit.target is 'Of what: a sweep''s name, the id of a run, fit or token; empty: of nothing in particular.';
comment on column audit.outcome is 'done; refused: it was not allowed or not possible; failed: something broke.';
comment on column audit.detail is 'What came with it, or why not, in words; never a secret.';
comment on column audit.request_id is 'Id of the HTTP request; empty from the command line.';
comment on column audit.address is 'Address that the request came from; empty from the command line.';

create function audit_is_only_added_to() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is only added to';
end
$$;
comment on function audit_is_only_added_to is 'Refuses to change what was recorded.';
create trigger audit_only_added before update or delete or truncate on audit for each statement execute function audit_is_only_added_to();
