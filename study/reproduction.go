package study

import (
	"context"
	"fmt"

	"github.com/scalelaw/scalelaw/fit"
)

// Reproduction is what came of computing a fit again.
type Reproduction struct {
	Fit        string       `json:"fit"`
	Reproduced bool         `json:"reproduced"`
	StoredBy   string       `json:"stored_by"` // version of the program
	ComputedBy string       `json:"computed_by"`
	Changes    []fit.Change `json:"changes"` // a: as stored, b: as computed now
}

// Reproduce computes a fit again from its stored inputs, by this version of the program, and
// compares every byte.
func Reproduce(ctx context.Context, f fit.Record, version string) (Reproduction, error) {
	_, changes, err := f.Reproduce(ctx)
	if err != nil {
		return Reproduction{}, fmt.Errorf("reproduce fit %s: %w", short(f.ID), err)
	}
	return Reproduction{Fit: f.ID, Reproduced: len(changes) == 0, StoredBy: f.Options.Version, ComputedBy: version, Changes: changes}, nil
}
