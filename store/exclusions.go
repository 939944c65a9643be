package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// Exclusion is a run that somebody took out of fits. It stays on the record when the run is
// included again.
type Exclusion struct {
	RunID           string     `json:"run"`
	Author          string     `json:"author"`
	Rule            string     `json:"rule"` // that proposed it; empty: by hand
	Reason          string     `json:"reason"`
	CreatedAt       time.Time  `json:"created_at"`
	WithdrawnAt     *time.Time `json:"withdrawn_at"` // when it was included again; nil while it is out
	WithdrawnBy     string     `json:"withdrawn_by,omitempty"`
	WithdrawnReason string     `json:"withdrawn_reason,omitempty"`
}

// String says it as a fit's result does.
func (e Exclusion) String() string {
	by := e.Author
	if e.Rule != "" {
		by += " (rule " + e.Rule + ")"
	}
	return fmt.Sprintf("excluded by %s on %s: %s", by, e.CreatedAt.UTC().Format(time.DateOnly), e.Reason)
}

// Exclude takes a run out of fits from now on. The same exclusion again changes nothing; a run
// that is out for another reason is sweep.ErrExists. CreatedAt and the Withdrawn fields of e
// are not looked at.
func (s *Store) Exclude(ctx context.Context, e Exclusion) (Exclusion, error) {
	if e.Reason == "" || e.Author == "" {
		return Exclusion{}, fmt.Errorf("exclude run %s: %w: an exclusion has an author and a reason", e.RunID, sweep.ErrBadInput)
	}
	if _, _, err := s.RunState(ctx, e.RunID); err != nil {
		return Exclusion{}, err
	}
	if _, err := s.exec(ctx, "exclude run "+e.RunID, `
		insert into exclusions (run_key, author, rule, reason) select run_key, $2, $3, $4 from runs where run = $1
		on conflict (run_key) where withdrawn_at is null do nothing`, e.RunID, e.Author, e.Rule, e.Reason); err != nil {
		return Exclusion{}, err
	}
	now, err := s.standing(ctx, e.RunID)
	if err == nil && (now.Author != e.Author || now.Rule != e.Rule || now.Reason != e.Reason) {
		return now, fmt.Errorf("exclude run %s: %w: it was %s; `scalelaw include` it first", e.RunID, sweep.ErrExists, now)
	}
	return now, err
}

// standing is the exclusion that a run is out by.
func (s *Store) standing(ctx context.Context, runID string) (Exclusion, error) {
	history, err := s.Exclusions(ctx, ExclusionFilter{Run: runID})
	if err == nil && len(history) > 0 && history[len(history)-1].WithdrawnAt == nil {
		return history[len(history)-1], nil
	}
	if err == nil {
		err = fmt.Errorf("run %s: %w: it is not excluded", runID, sweep.ErrBadInput)
	}
	return Exclusion{}, err
}

// Include lets a run into fits again; who did it and why stays with the exclusion. A run that
// is not out is sweep.ErrBadInput.
func (s *Store) Include(ctx context.Context, runID, author, reason string) (Exclusion, error) {
	out, err := s.standing(ctx, runID)
	if err != nil {
		return out, err
	}
	found, err := read(ctx, s, "include run "+runID, scanTime, `
		update exclusions x set withdrawn_at = now(), withdrawn_by = $2, withdrawn_reason = $3
		from runs r where r.run_key = x.run_key and r.run = $1 and x.withdrawn_at is null returning x.withdrawn_at`, runID, author, reason)
	if err == nil && len(found) == 1 {
		out.WithdrawnAt, out.WithdrawnBy, out.WithdrawnReason = &found[0], author, reason
	}
	return out, err
}

func scanTime(row pgx.CollectableRow) (t time.Time, err error) { return t, row.Scan(&t) }

// ExclusionFilter narrows a list of exclusions; empty fields do not.
type ExclusionFilter struct {
	Run, Sweep string
	Standing   bool // only those of runs that are out now
}

// Exclusions lists exclusions, withdrawn ones too, oldest first.
func (s *Store) Exclusions(ctx context.Context, f ExclusionFilter) ([]Exclusion, error) {
	return read(ctx, s, "list exclusions", scanExclusion, exclusions, f.Run, f.Sweep, f.Standing)
}

func scanExclusion(row pgx.CollectableRow) (e Exclusion, err error) {
	err = row.Scan(&e.RunID, &e.Author, &e.Rule, &e.Reason, &e.CreatedAt, &e.WithdrawnAt, &e.WithdrawnBy, &e.WithdrawnReason)
	return e, err
}

const exclusions = `
		select r.run, x.author, x.rule, x.reason, x.created_at, x.withdrawn_at, x.withdrawn_by, x.withdrawn_reason
		from exclusions x join runs r using (run_key)
		where ($1 = '' or r.run = $1) and (not $3 or x.withdrawn_at is null)
		  and ($2 = '' or exists (select from sweep_runs sr join sweeps s using (sweep_key) where s.name = $2 and sr.run_key = r.run_key))
		order by x.created_at, x.exclusion_key`

// FitsOf lists the ids of the fits that have a run among their inputs, used or not.
func (s *Store) FitsOf(ctx context.Context, runID string) ([]string, error) {
	return read(ctx, s, "list fits of run "+runID, pgx.RowTo[string], fitsOfRun, runID)
}

const fitsOfRun = `select fr.fit from runs r join fit_runs fr using (run_key) where r.run = $1 order by 1`
