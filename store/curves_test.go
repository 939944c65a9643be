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

// The curve of a long run, which is read from buckets, says the same as its stream.
func TestCurveOfALongRun(t *testing.T) {
	s, r := longRun(t)
	n := begin(t, s, r.ID, 0)
	value := func(step int64) float64 {
		if step == 77770 {
			return math.Inf(1)
		}
		return float64(step * step % 1013)
	}
	var low, high, sum, values float64 = math.Inf(1), math.Inf(-1), 0, 0
	for from := int64(1); from <= 200_000; from += 20_000 {
		rows := every(from, from+19_999, value)
		must(t, s.AddMetrics(ctx, r.ID, n, rows))
		for _, m := range rows {
			if !math.IsInf(m.Value, 0) {
				low, high, sum, values = min(low, m.Value), max(high, m.Value), sum+m.Value, values+1
			}
		}
	}
	for _, want := range []int{4, 1000} {
		parts, err := s.Curve(ctx, r.ID, "loss", want)
		must(t, err)
		var all CurvePart
		all.Low, all.High = parts[0].Low, parts[0].High
		for _, p := range parts {
			all.Low, all.High, all.Values = min(all.Low, p.Low), max(all.High, p.High), all.Values+p.Values
			all.Mean += p.Mean * float64(p.Values)
		}
		if all.Low != low || all.High != high || float64(all.Values) != values || math.Abs(all.Mean/sum-1) > 1e-12 || parts[len(parts)-1].Step != 200_000 {
			t.Errorf("in %d parts: %+v, sum %g; want %g to %g, %g values, sum %g", want, all, all.Mean, low, high, values, sum)
		}
		if len(parts) > want || len(parts) > 257+391 {
			t.Errorf("%d parts, %d wanted", len(parts), want)
		}
	}
}
