package store

import (
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestCurve(t *testing.T) {
	s, run := oneRun(t)
	attempt := begin(t, s, run.ID, 0)
	var rows []sweep.Metric
	for step := int64(1); step <= 1000; step++ {
		rows = append(rows, sweep.Metric{Name: "loss", Step: step, SamplesSeen: 64 * step, Value: float64(step)})
	}
	rows[499].Value, rows[500].Value = math.NaN(), math.Inf(1)
	must(t, s.AddMetrics(ctx, run.ID, attempt, rows))
	parts, err := s.Curve(ctx, run.ID, "loss", 10)
	must(t, err)
	if len(parts) < 9 || len(parts) > 11 {
		t.Fatalf("%d parts", len(parts))
	}
	values := int64(0)
	for i, p := range parts {
		values += p.Values
		if !(p.Low <= p.Mean && p.Mean <= p.High) || p.SamplesSeen != 64*p.Step || i > 0 && p.Low <= parts[i-1].High {
			t.Errorf("part %d: %+v", i, p)
		}
	}
	equal(t, "finite values", values, int64(998))
	few, err := s.Curve(ctx, run.ID, "loss", 5000)
	must(t, err)
	equal(t, "parts of a short stream", len(few), 998)
	none, err := s.Curve(ctx, run.ID, "nothing", 10)
	must(t, err)
	equal(t, "parts of nothing", len(none), 0)
}
