package cpu

import (
	"fmt"
	"math"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

// processTime is the processor time of this process in seconds.
func processTime() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// BenchmarkLinear reports what products reach on one thread, by (rows, in, out): per second of
// processor time in the best of some short windows, which other programs disturb least.
func BenchmarkLinear(b *testing.B) {
	for _, level := range kernel.Levels() {
		for _, s := range [][3]int{{8192, 64, 8}, {4096, 64, 64}, {128, 512, 32}, {128, 2048, 128}, {512, 512, 512}, {1024, 1024, 1024}, {1088, 512, 2048}, {1088, 2048, 512}, {1088, 256, 1024}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", level, s[0], s[1], s[2]), func(b *testing.B) {
				d := device(b, level, 1)
				rows, in, out := s[0], s[1], s[2]
				repeats := 1 + 1<<30/(rows*in*out)
				x, w, y, dw := d.Floats(rows*in), d.Floats(in*out), d.Floats(rows*out), d.Floats(in*out)
				run := map[string]func(){
					"forward": func() { d.Linear(y, x, w, op.Linear{Rows: rows, In: in, Out: out}) },
					"inputs":  func() { d.LinearInputs(x, y, w, op.Floats{}, rows, in, out) },
					"weights": func() { d.LinearWeights(dw, op.Floats{}, y, x, rows, in, out) },
				}
				for _, name := range []string{"forward", "inputs", "weights"} {
					b.Run(name, func(b *testing.B) {
						best := math.Inf(1)
						for b.Loop() {
							began := processTime()
							for range repeats {
								run[name]()
							}
							best = min(best, processTime()-began)
						}
						b.ReportMetric(2*float64(rows*in*out)*float64(repeats)/best/1e9, "GFLOP/s")
					})
				}
			})
		}
	}
}
