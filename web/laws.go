package web

import (
	"context"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
)

// Laws is what the pages of laws read and keep; a store.Store is one.
type Laws interface {
	study.Reader
	// AddFit stores a record.
	AddFit(ctx context.Context, r fit.Record) error
	// Stale tells, by id, what changed under fits since they were stored.
	Stale(ctx context.Context, ids ...string) (map[string]string, error)
	// Predictions lists registered predictions.
	Predictions(ctx context.Context, f store.PredictionFilter) ([]store.Prediction, error)
	// Register keeps predictions of a fit until their run lands. converted says that the metric
	// is a share of successes.
	Register(ctx context.Context, r fit.Record, predictions []fit.Prediction, author string, tolerance float64, converted bool) error
}
