package cpu

import (
	"fmt"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

// BenchmarkLinear reports the share of the multiply-add peak that products reach on one thread,
// by (rows, in, out).
func BenchmarkLinear(b *testing.B) {
	for _, level := range kernel.Levels() {
		for _, s := range [][3]int{{8192, 64, 8}, {4096, 64, 64}, {128, 512, 32}, {128, 2048, 128}, {512, 512, 512}, {1024, 1024, 1024}, {1088, 512, 2048}, {1088, 2048, 512}, {1088, 256, 1024}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", level, s[0], s[1], s[2]), func(b *testing.B) {
				d := device(b, level, 1)
				rows, in, out := s[0], s[1], s[2]
				x, w, y, dw := d.Floats(rows*in), d.Floats(in*out), d.Floats(rows*out), d.Floats(in*out)
				run := map[string]func(){
					"forward": func() { d.Linear(y, x, w, op.Linear{Rows: rows, In: in, Out: out}) },
					"inputs":  func() { d.LinearInputs(x, y, w, op.Floats{}, rows, in, out) },
					"weights": func() { d.LinearWeights(dw, op.Floats{}, y, x, rows, in, out) },
				}
				for _, name := range []string{"forward", "inputs", "weights"} {
					b.Run(name, func(b *testing.B) {
						for b.Loop() {
							run[name]()
						}
						b.ReportMetric(2*float64(rows*in*out)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
					})
				}
			})
		}
	}
}
