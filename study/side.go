package study

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Side is a fit as one of two that are compared; with pair set (a list of model, data,
// samples_seen and seed) its points are tied to those of the other by fields of their runs.
func Side(ctx context.Context, s Reader, r fit.Record, pair string) (fit.Side, error) {
	side := r.Side()
	if pair == "" {
		return side, nil
	}
	keys := map[string]string{}
	for _, in := range r.Inputs {
		runs, err := s.Runs(ctx, in.Runs)
		if err != nil {
			return side, err
		}
		if keys[in.ID], err = pairKey(in.ID, runs, strings.Split(pair, ",")); err != nil {
			return side, err
		}
	}
	for i, p := range side.Points {
		side.Points[i].Cluster = keys[p.ID]
	}
	return side, nil
}

// pairKey is what the runs of a point have in common in the fields.
func pairKey(point string, runs []sweep.Run, fields []string) (string, error) {
	var key []string
	for _, field := range fields {
		var values []string
		for _, r := range runs {
			value, ok := map[string]string{"model": r.Model.Name, "data": r.Data.Name, "samples_seen": fmt.Sprint(r.SamplesSeen), "seed": fmt.Sprint(r.Seed)}[field]
			if !ok {
				return "", fmt.Errorf("%w: --pair is a list of model, data, samples_seen and seed; %q is none of them", sweep.ErrBadInput, field)
			}
			values = append(values, value)
		}
		if values = slices.Compact(values); len(values) > 1 {
			return "", fmt.Errorf("%w: --pair %s: the point %s is the mean of several (%s)", sweep.ErrBadInput, field, point, strings.Join(values, ", "))
		}
		key = append(key, values...)
	}
	return strings.Join(key, " "), nil
}
