package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// Removal is what a deletion takes away.
type Removal struct {
	Sweeps    []string         `json:"sweeps"`
	Runs      []string         `json:"runs"` // that nothing else uses
	Fits      []string         `json:"fits"` // of the sweep
	Artifacts []sweep.Artifact `json:"artifacts"`
	Bytes     int64            `json:"bytes"`
}

// errDry rolls a transaction back after it has shown what it would do.
var errDry = errors.New("dry run")

// Delete removes a sweep, its fits, and those of its runs that no other sweep and no other
// sweep's fit uses. With dry set nothing changes. The caller deletes the artifacts.
func (s *Store) Delete(ctx context.Context, name string, dry bool) (Removal, error) {
	if _, err := s.Sweep(ctx, name); err != nil {
		return Removal{}, err
	}
	r := Removal{Sweeps: []string{name}}
	err := s.remove(ctx, "delete sweep "+name, dry, func(tx pgx.Tx) (err error) {
		if r.Fits, err = list(ctx, tx, "delete from fits where sweep = $1 and not exists (select from predictions p where p.fit = fits.fit) returning fit", name); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "delete from sweeps where name = $1", name)
		return err
	}, &r)
	return r, err
}

// Prune removes runs that are in no sweep and in no fit.
func (s *Store) Prune(ctx context.Context, dry bool) (Removal, error) {
	var r Removal
	err := s.remove(ctx, "prune", dry, func(pgx.Tx) error { return nil }, &r)
	return r, err
}

// remove runs a first step, then deletes the runs that nothing uses, in one transaction.
func (s *Store) remove(ctx context.Context, doing string, dry bool, first func(pgx.Tx) error, r *Removal) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		if err := removeRuns(ctx, tx, r); err != nil {
			return err
		}
		if dry {
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return wrap(doing, err)
}

func removeRuns(ctx context.Context, tx pgx.Tx, r *Removal) (err error) {
	const unused = `from runs r where not exists (select from sweep_runs x where x.run_key = r.run_key)
		and not exists (select from fit_runs x where x.run_key = r.run_key) and not exists (select from predictions x where x.run_key = r.run_key)`
	rows, err := tx.Query(ctx, `
		with gone as (select run_key `+unused+`)
		select uri, sha256, bytes from checkpoints join gone using (run_key)
		union select state_uri, state_sha256, state_bytes from checkpoints join gone using (run_key) where state_uri is not null`)
	if err != nil {
		return err
	}
	freed, err := pgx.CollectRows(rows, scanArtifact)
	if err != nil {
		return err
	}
	if r.Runs, err = list(ctx, tx, "delete "+unused+" returning r.run"); err != nil {
		return err
	}
	if r.Artifacts, err = unreferenced(ctx, tx, freed); err != nil {
		return err
	}
	for _, a := range r.Artifacts {
		r.Bytes += a.Bytes
	}
	return nil
}

func list(ctx context.Context, tx pgx.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
