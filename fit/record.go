package fit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// hashInputs is the sha256 of the sorted points and the options, as JSON.
func hashInputs(points []Point, o Options) (string, error) {
	return hashJSON(struct {
		Points  []Point
		Options Options
	}{points, o})
}

func hashJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("hash the inputs of a fit: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// NewRecord fits the evidence and makes the immutable record of it. The id is the hash of
// everything but the result, so the same question about the same runs has the same id. The
// Evidence of r.Inputs is sorted by id, and Used and Reason are filled in.
func NewRecord(ctx context.Context, r Record) (Record, error) {
	r.Options = r.Options.For(r.points())
	r.Inputs = slices.Clone(r.Inputs)
	slices.SortFunc(r.Inputs, func(a, b Evidence) int { return strings.Compare(a.ID, b.ID) })
	result, err := Fit(ctx, r.points(), r.Options)
	if err != nil {
		return Record{}, fmt.Errorf("fit %s of sweep %s: %w", r.Metric, r.Sweep, err)
	}
	for i := range r.Inputs {
		if r.Inputs[i].E > 0 {
			r.Inputs[i].Used, r.Inputs[i].Reason = false, ""
		}
	}
	r.ID, r.Result = "", Result{}
	sum, err := hashJSON(r)
	if err != nil {
		return Record{}, err
	}
	r.ID = sum[:32]
	r.Result = result
	r.mark()
	return r, nil
}

// points are the inputs that have a score; the others are on the record with their reason.
func (r Record) points() []Point {
	var points []Point
	for _, e := range r.Inputs {
		if e.E > 0 {
			points = append(points, e.Point)
		}
	}
	return points
}

// mark tells each input what became of it, and lists those without a score in the result, too.
func (r *Record) mark() {
	reason := map[string]string{}
	for _, x := range r.Result.Excluded {
		reason[x.ID] = x.Reason
	}
	for i := range r.Inputs {
		in := &r.Inputs[i]
		if in.E <= 0 {
			r.Result.Excluded = append(r.Result.Excluded, Excluded{ID: in.ID, Reason: in.Reason})
			continue
		}
		in.Used, in.Reason = slices.Contains(r.Result.Used, in.ID), reason[in.ID]
	}
}

// Reproduce makes the record again from its stored inputs and says in what the new one differs,
// byte by byte of its JSON: nothing, when nobody touched the record and this program fits as
// the one did that stored it.
func (r Record) Reproduce(ctx context.Context) (Record, []Change, error) {
	again, err := NewRecord(ctx, r)
	if err != nil {
		return Record{}, nil, err
	}
	changes, err := changesBetween(r, again)
	return again, changes, err
}

// Predict gives the law's error at more amounts of compute, from the stored inputs.
func (r Record) Predict(ctx context.Context, compute []float64) (Result, error) {
	o := r.Options
	o.Predict = compute
	return Fit(ctx, r.points(), o)
}
