package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// metricOf is the metric that was asked for or, for "", the first that the sweep asks for. One
// that the sweep neither asks for nor has a score on is a mistake, and not worth a record.
func (s *session) metricOf(ctx context.Context, name, asked string) (string, error) {
	own, err := s.metricsAsked(ctx, name)
	switch {
	case err != nil:
		return "", err
	case asked == "" && len(own) == 0:
		return "", usage("--metric is needed: the sweep %s asks for no evaluation", name)
	case asked == "":
		return own[0], nil
	case slices.Contains(own, asked):
		return asked, nil
	}
	scored, err := s.metricsScored(ctx, name)
	if err != nil || slices.Contains(scored, asked) {
		return asked, err
	}
	all := append(own, scored...)
	slices.Sort(all)
	return "", usage("the sweep %s has no TASK/METRIC %q; it has %s", name, asked, strings.Join(slices.Compact(all), ", "))
}

// metricsAsked are those of the sweep's file.
func (s *session) metricsAsked(ctx context.Context, name string) ([]string, error) {
	record, err := s.store.Sweep(ctx, name)
	if err != nil {
		return nil, err
	}
	var spec sweep.Spec
	if err := json.Unmarshal(record.Spec, &spec); err != nil {
		return nil, fmt.Errorf("read the stored spec of sweep %s: %w", name, err)
	}
	return spec.Metrics(), nil
}

// metricsScored are those that a run of the sweep has a score on: `evaluate` adds to the file's.
func (s *session) metricsScored(ctx context.Context, name string) ([]string, error) {
	runs, err := s.store.SweepRuns(ctx, name)
	var all []string
	for _, r := range runs {
		for _, e := range r.Scores {
			all = append(all, e.Task+"/"+e.Metric)
		}
	}
	return all, err
}
