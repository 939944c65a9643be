package activities

import (
	"context"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Store is what the activities need of Postgres; package store implements it. Every write
// may come twice (a retried activity) and must then change nothing.
type Store interface {
	// CreateSweep stores the sweep (or, when extended, its new spec) and appends the cells
	// that it does not have yet, in plan order, and their runs. It returns the number of cells
	// in all and how many of them are reused: their run had succeeded before this sweep asked.
	CreateSweep(ctx context.Context, s sweep.SweepRecord, plan []sweep.Run) (total, reused int, err error)
	// KnownRuns tells which of the ids exist.
	KnownRuns(ctx context.Context, ids []string) (sweep.Known, error)
	// Cells gives up to limit cells with ordinal >= from, by ordinal.
	Cells(ctx context.Context, name string, from, limit int) ([]sweep.Cell, error)
	// Sweep reads one sweep.
	Sweep(ctx context.Context, name string) (sweep.SweepRecord, error)
	// SetSweepState moves a sweep; a final state sets its end.
	SetSweepState(ctx context.Context, name string, s sweep.State, reason string) error

	// Run reads a run; Runs several, in the order asked.
	Run(ctx context.Context, id string) (sweep.Run, error)
	Runs(ctx context.Context, ids []string) ([]sweep.Run, error)
	// SetRunState moves a run. Succeeded is never left again.
	SetRunState(ctx context.Context, id string, s sweep.State, reason string) error
	// RunState reads a run's state and reason.
	RunState(ctx context.Context, id string) (sweep.State, string, error)

	// BeginAttempt opens the next attempt of a run, closes an open one as lost, and removes
	// metrics and checkpoints after resumedFrom, which this attempt will write again.
	BeginAttempt(ctx context.Context, a sweep.Attempt) (number int, err error)
	// EndAttempt closes it.
	EndAttempt(ctx context.Context, a sweep.Attempt) error

	// AddMetrics writes rows by COPY and merges them: a row that is there is replaced.
	// It fails with sweep.ErrSuperseded when attempt is not the run's latest.
	AddMetrics(ctx context.Context, runID string, attempt int, rows []sweep.Metric) error
	// AddCheckpoint records a durable checkpoint; ErrSuperseded as above.
	AddCheckpoint(ctx context.Context, c sweep.Checkpoint) error
	// Checkpoints lists a run's checkpoints by step.
	Checkpoints(ctx context.Context, runID string) ([]sweep.Checkpoint, error)
	// DropStates forgets the resume states of a run's checkpoints before step and gives the
	// artifacts that nothing refers to any more, for deletion. Unkept checkpoints go whole.
	DropStates(ctx context.Context, runID string, before int64) ([]sweep.Artifact, error)

	// AddEvaluations records scores; the same key again replaces nothing.
	AddEvaluations(ctx context.Context, rows []sweep.Evaluation) error
	// Evaluations lists a run's, of every checkpoint.
	Evaluations(ctx context.Context, runID string) ([]sweep.Evaluation, error)

	// ClaimBatch takes up to limit unclaimed planned cells of a sweep, from ordinal on, for
	// batched trainers: runs in state planned become running, each once whoever asks.
	ClaimBatch(ctx context.Context, name string, limit int) ([]sweep.Run, error)
	// FinishBatch stores the scores of claimed runs and marks them succeeded, all or nothing.
	FinishBatch(ctx context.Context, runs []sweep.Run, scores []sweep.Evaluation) error

	// FitInputs are the runs of a sweep with their score on metric at the last kept
	// checkpoint; runs without one carry the reason.
	FitInputs(ctx context.Context, name, metric string) ([]sweep.ScoredRun, error)
	// AddFit stores an immutable record with its exact runs; the same id again changes nothing.
	AddFit(ctx context.Context, r fit.Record) error
}
