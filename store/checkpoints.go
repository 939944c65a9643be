package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// AddCheckpoint records a durable checkpoint. It fails with sweep.ErrSuperseded when its
// attempt is not the run's latest.
func (s *Store) AddCheckpoint(ctx context.Context, c sweep.Checkpoint) error {
	var uri, sha *string
	var bytes *int64
	if c.State != nil {
		uri, sha, bytes = &c.State.URI, &c.State.SHA256, &c.State.Bytes
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		key, err := latest(ctx, tx, c.RunID, c.Attempt)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into checkpoints (run_key, step, attempt, samples_seen, kept, uri, sha256, bytes, state_uri, state_sha256, state_bytes)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			on conflict (run_key, step) do update set attempt = excluded.attempt, kept = checkpoints.kept or excluded.kept,
			   uri = excluded.uri, sha256 = excluded.sha256, bytes = excluded.bytes,
			   state_uri = excluded.state_uri, state_sha256 = excluded.state_sha256, state_bytes = excluded.state_bytes`,
			key, c.Step, c.Attempt, c.SamplesSeen, c.Kept, c.Weights.URI, c.Weights.SHA256, c.Weights.Bytes, uri, sha, bytes)
		return err
	})
	return wrap(fmt.Sprintf("record the checkpoint of run %s at step %d", c.RunID, c.Step), err)
}

// Checkpoints lists a run's checkpoints by step.
func (s *Store) Checkpoints(ctx context.Context, runID string) ([]sweep.Checkpoint, error) {
	return read(ctx, s, "list checkpoints of run "+runID, scanCheckpoint, checkpointsOfRun, runID)
}

func scanCheckpoint(row pgx.CollectableRow) (c sweep.Checkpoint, err error) {
	var uri, sha *string
	var bytes *int64
	err = row.Scan(&c.RunID, &c.Attempt, &c.Step, &c.SamplesSeen, &c.Kept, &c.Weights.URI, &c.Weights.SHA256, &c.Weights.Bytes, &uri, &sha, &bytes)
	if uri != nil && sha != nil && bytes != nil {
		c.State = &sweep.Artifact{URI: *uri, SHA256: *sha, Bytes: *bytes}
	}
	return c, err
}

const checkpointsOfRun = `
		select r.run, c.attempt, c.step, c.samples_seen, c.kept, c.uri, c.sha256, c.bytes, c.state_uri, c.state_sha256, c.state_bytes
		from runs r join checkpoints c using (run_key) where r.run = $1 order by c.step`

// DropStates forgets what only served to resume before a step: the optimizer states of kept
// checkpoints, and the others whole. It gives the artifacts that nothing refers to any more.
func (s *Store) DropStates(ctx context.Context, runID string, before int64) ([]sweep.Artifact, error) {
	var free []sweep.Artifact
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			with run as (select run_key from runs where run = $1),
			dropped as (
				delete from checkpoints c using run where c.run_key = run.run_key and c.step < $2 and not c.kept
				returning c.uri, c.sha256, c.bytes, c.state_uri, c.state_sha256, c.state_bytes
			), stripped as (
				update checkpoints c set state_uri = null, state_sha256 = null, state_bytes = null
				from run, checkpoints old
				where c.run_key = run.run_key and old.run_key = c.run_key and old.step = c.step and c.step < $2 and c.kept and c.state_uri is not null
				returning old.state_uri, old.state_sha256, old.state_bytes
			)
			select uri, sha256, bytes from dropped
			union select state_uri, state_sha256, state_bytes from dropped where state_uri is not null
			union select state_uri, state_sha256, state_bytes from stripped`, runID, before)
		if err != nil {
			return err
		}
		freed, err := pgx.CollectRows(rows, scanArtifact)
		if err != nil {
			return err
		}
		free, err = unreferenced(ctx, tx, freed)
		return err
	})
	return free, wrap("drop resume states of run "+runID, err)
}

func scanArtifact(row pgx.CollectableRow) (a sweep.Artifact, err error) {
	err = row.Scan(&a.URI, &a.SHA256, &a.Bytes)
	return a, err
}

// unreferenced are those that no checkpoint names any more: equal bytes are one artifact.
func unreferenced(ctx context.Context, tx pgx.Tx, artifacts []sweep.Artifact) ([]sweep.Artifact, error) {
	hashes := make([]string, len(artifacts))
	for i, a := range artifacts {
		hashes[i] = a.SHA256
	}
	rows, err := tx.Query(ctx, `select sha256 from checkpoints where sha256 = any($1)
		union select state_sha256 from checkpoints where state_sha256 = any($1)`, hashes)
	if err != nil {
		return nil, err
	}
	still := map[string]bool{}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, sha := range names {
		still[sha] = true
	}
	var free []sweep.Artifact
	for _, a := range artifacts {
		if !still[a.SHA256] {
			free = append(free, a)
		}
	}
	return free, err
}
