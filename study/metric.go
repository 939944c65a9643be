package study

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// MetricOf is the metric that was asked for or, for "", the first that the sweep asks for. One
// that the sweep neither asks for nor has a score on is a mistake, and not worth a record: the
// error wraps sweep.ErrBadInput.
func MetricOf(ctx context.Context, s Reader, name, asked string) (string, error) {
	own, err := MetricsAsked(ctx, s, name)
	switch {
	case err != nil:
		return "", err
	case asked == "" && len(own) == 0:
		return "", fmt.Errorf("%w: a metric is needed: the sweep %s asks for no evaluation", sweep.ErrBadInput, name)
	case asked == "":
		return own[0], nil
	case slices.Contains(own, asked):
		return asked, nil
	}
	scored, err := s.MetricsScored(ctx, name) // `evaluate` adds to the file's
	if err != nil || slices.Contains(scored, asked) {
		return asked, err
	}
	all := append(own, scored...)
	slices.Sort(all)
	return "", fmt.Errorf("%w: the sweep %s has no TASK/METRIC %q; it has %s", sweep.ErrBadInput, name, asked, strings.Join(slices.Compact(all), ", "))
}

// MetricsAsked are those of the sweep's file.
func MetricsAsked(ctx context.Context, s Reader, name string) ([]string, error) {
	record, err := s.Sweep(ctx, name)
	if err != nil {
		return nil, err
	}
	var spec sweep.Spec
	if err := json.Unmarshal(record.Spec, &spec); err != nil {
		return nil, fmt.Errorf("read the stored spec of sweep %s: %w", name, err)
	}
	return spec.Metrics(), nil
}

// IsLoss tells metrics that are losses from fractions.
func IsLoss(metric string) bool { return strings.HasSuffix(metric, "/loss") }

// Baselines are the errors of guessing and of 1-NN on pixels, for an icons metric; of others
// nothing is known.
func Baselines(metric string) (chance, nearest float64, ok bool) {
	split, isIcons := strings.CutPrefix(metric, "icons-")
	split, isTop1 := strings.CutSuffix(split, "/top1_error")
	nearest, err := icons32.Baseline(split)
	return 1 - 1/float64(len(icons32.Classes())), nearest, isIcons && isTop1 && err == nil
}

// references are the errors to compare an icons metric with.
func references(metric string) []figure.Reference {
	chance, nearest, ok := Baselines(metric)
	if !ok {
		return nil
	}
	return []figure.Reference{{Name: "chance", Error: chance}, {Name: "1-NN on pixels", Error: nearest}}
}
