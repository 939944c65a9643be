// Package study puts questions to the runs of a sweep: which points a fit is about, which laws
// they give, what figures show of them, what it takes to reach an error. The command line and
// the pages ask through it, so that both give the same answer.
package study

import (
	"context"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// Reader is what is read of a sweep and its fits; a store.Store is one. Errors wrap those of
// package sweep.
type Reader interface {
	// Sweep reads one sweep.
	Sweep(ctx context.Context, name string) (sweep.SweepRecord, error)
	// FitInputs are a sweep's runs with their score on a metric, in plan order.
	FitInputs(ctx context.Context, name, metric string) ([]sweep.ScoredRun, error)
	// MetricsScored are the TASK/METRICs that a run of a sweep has a score on.
	MetricsScored(ctx context.Context, name string) ([]string, error)
	// Runs reads runs in the order asked.
	Runs(ctx context.Context, ids []string) ([]sweep.Run, error)
	// Fit reads the record whose id begins with prefix.
	Fit(ctx context.Context, prefix string) (fit.Record, error)
	// Fits lists records, the newest first.
	Fits(ctx context.Context, f store.FitFilter) ([]fit.Record, error)
}

// short is the beginning of an id, as people are shown it.
func short(id string) string { return id[:min(12, len(id))] }
