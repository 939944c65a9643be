package store

import (
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// The parts of a stream, one after another, are the stream.
func TestMetricsPage(t *testing.T) {
	s, run := oneRun(t)
	attempt := begin(t, s, run.ID, 0)
	var rows []sweep.Metric
	for step := int64(1); step <= 7; step++ {
		for _, name := range []string{"grad_norm", "loss"} {
			rows = append(rows, sweep.Metric{Name: name, Step: step, SamplesSeen: 64 * step, Value: float64(step)})
		}
	}
	must(t, s.AddMetrics(ctx, run.ID, attempt, rows))
	var got []sweep.Metric
	for p := (Page{Limit: 3}); ; {
		part, err := s.MetricsPage(ctx, run.ID, nil, p)
		must(t, err)
		got = append(got, part.Rows...)
		if p.After = part.Next; part.Next == "" {
			break
		}
		equal(t, "rows of a part", len(part.Rows), 3)
	}
	equal(t, "all parts", got, rows)
	loss, err := s.MetricsPage(ctx, run.ID, []string{"loss"}, Page{Limit: 100})
	must(t, err)
	equal(t, "loss alone", len(loss.Rows), 7)
	if _, err := s.MetricsPage(ctx, run.ID, nil, Page{After: "?"}); err == nil {
		t.Error("a cursor that is none was taken")
	}
}
