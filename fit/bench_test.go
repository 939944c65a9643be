package fit

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkChinchilla4500(b *testing.B) {
	points := chinchillaPoints(b)
	for b.Loop() {
		e := newEstimate(points, Options{Law: "chinchilla", YIs: "loss"}.Defaults())
		if reason := e.fit(); reason != nil {
			b.Fatal(reason.Text)
		}
	}
}

// Time per point stays the same up to a million points.
func BenchmarkPowerPoints(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		points := synthetic(n, 0.05, 1)
		for i := range points {
			points[i].ID = fmt.Sprint(i)
		}
		for _, rule := range []string{"pareto", "all"} {
			b.Run(fmt.Sprintf("%s/%d", rule, n), func(b *testing.B) {
				for b.Loop() {
					if r, err := Fit(context.Background(), points, Options{Rule: rule, Bootstrap: 100}); err != nil || r.Status != "ok" {
						b.Fatal(err, r.Reason)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/point")
			})
		}
	}
}
