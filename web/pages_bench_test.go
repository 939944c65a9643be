package web

import (
	"testing"
	"time"
)

// What answering the pages of a study of 5,000 runs takes when its laws are fitted already.
func BenchmarkPagesOfManyRuns(b *testing.B) {
	f := newOpenCLIP(b)
	f.studies["many"] = manyRuns(f)
	h, _ := serve(b, f)
	for _, page := range []string{"law?select=all&rule=pareto", "bottlenecks?metric=imagenet1k/top1_error"} {
		b.Run(page[:5], func(b *testing.B) {
			at := "/sweeps/many/" + page
			for range 100 { // until it is made
				if get(h, at).Body.Len() > 50_000 {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			size := 0
			for b.Loop() {
				size = get(h, at).Body.Len()
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
