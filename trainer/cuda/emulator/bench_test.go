package emulator_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// What the checks cost: a reduction with shuffles and a barrier, and a product.
func BenchmarkRowSums(b *testing.B) {
	const rows, width = 64, 1024
	for _, checks := range []string{"checks=1", "checks=0"} {
		b.Run(checks, func(b *testing.B) {
			r := open(b, checks)
			f := r.kernel(rowSums, "row_sums")
			out, in := r.room(rows), r.floats(counting(rows*width)...)
			start := processorTime(b)
			for b.Loop() {
				must(b, r.launch(f, rows, 256, 0, driver.Ptr(out), driver.Ptr(in), driver.Int(width)))
			}
			b.ReportMetric(float64(b.N)*rows*width/(processorTime(b)-start)/1e6, "Mnumbers/cpu-s")
		})
	}
}

func BenchmarkProduct(b *testing.B) {
	const n = 256
	for _, checks := range []string{"checks=1", "checks=0"} {
		b.Run(checks, func(b *testing.B) {
			r := open(b, checks)
			library, err := cublaslt.Load(r.Search(), r.Info().Driver)
			must(b, err)
			handle, err := library.Open(r.Device, cublaslt.NewChoices("", nil))
			must(b, err)
			x, y, z := r.floats(counting(n*n)...), r.floats(counting(n*n)...), r.floats(counting(n*n)...)
			p := cublaslt.Product{M: n, N: n, K: n, Compute: cublaslt.FP32}
			start := processorTime(b)
			for b.Loop() {
				must(b, handle.Multiply(r.stream, p, cublaslt.Operands{A: x, B: y, D: z, Alpha: 1}))
				must(b, r.Synchronize(r.stream))
			}
			b.ReportMetric(float64(b.N)*2*n*n*n/(processorTime(b)-start)/1e9, "GFLOP/cpu-s")
			must(b, handle.Close())
		})
	}
}

// processorTime is what this process has used, in seconds: it does not count what a busy machine
// gives to others.
func processorTime(b *testing.B) float64 {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func BenchmarkLaunch(b *testing.B) {
	r := open(b)
	f, x := r.kernel(twice, "twice"), r.floats(1)
	for b.Loop() {
		must(b, r.launch(f, 1, 1, 0, driver.Ptr(x), driver.Int(0)))
	}
}

// Each of the forty kernels is a reduction of its own; no compilation is found in the cache.
func BenchmarkCompileFortyKernels(b *testing.B) {
	r := open(b, "cache="+b.TempDir())
	for n := 0; b.Loop(); n++ {
		var source strings.Builder
		fmt.Fprintf(&source, "// %d\n", n)
		for i := range 20 {
			own := fmt.Sprint(i)
			source.WriteString(strings.NewReplacer("row_sums", "row_sums"+own, "reverse", "reverse"+own, "warpSum", "warpSum"+own).Replace(rowSums))
		}
		_, err := r.compile(source.String())
		must(b, err)
	}
}
