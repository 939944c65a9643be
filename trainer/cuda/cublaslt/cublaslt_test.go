package cublaslt_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// rig is a device with a handle.
type rig struct {
	t      *testing.T
	lib    *cublaslt.Library
	device driver.Device
	handle *cublaslt.Handle
	stream driver.Stream
}

func open(t *testing.T, s library.Search, c *cublaslt.Choices) *rig {
	t.Helper()
	d := must(native.Load(s))(t)
	lib := must(cublaslt.Load(s, d.Version()))(t)
	device := must(d.Open(0))(t)
	t.Cleanup(func() {
		if err := device.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &rig{t, lib, device, must(lib.Open(device, c))(t), must(device.NewStream())(t)}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// numbers puts small integers, exact in every type, into the device's memory.
func (r *rig) numbers(n int, typ cublaslt.Type, random *rand.Rand) (driver.Pointer, []float64) {
	r.t.Helper()
	values := make([]float64, n)
	var b []byte
	for i := range values {
		values[i] = float64(random.IntN(9) - 4)
		bits := math.Float32bits(float32(values[i]))
		if typ == cublaslt.BFloat16 {
			b = binary.NativeEndian.AppendUint16(b, uint16(bits>>16))
		} else {
			b = binary.NativeEndian.AppendUint32(b, bits)
		}
	}
	p := must(r.device.Allocate(len(b)))(r.t)
	check(r.t, r.device.Write(r.stream, p, b))
	return p, values
}

func (r *rig) read(p driver.Pointer, n int, typ cublaslt.Type) []float64 {
	r.t.Helper()
	size := 4
	if typ == cublaslt.BFloat16 {
		size = 2
	}
	b := make([]byte, n*size)
	check(r.t, r.device.Read(r.stream, b, p))
	values := make([]float64, n)
	for i := range values {
		bits := uint32(0)
		if size == 2 {
			bits = uint32(binary.NativeEndian.Uint16(b[2*i:])) << 16
		} else {
			bits = binary.NativeEndian.Uint32(b[4*i:])
		}
		values[i] = float64(math.Float32frombits(bits))
	}
	return values
}

// sides are how many numbers a product's matrices span.
func sides(p cublaslt.Product) (a, b, d int) {
	n := max(p.Batch, 1)
	return n * p.M * p.K, n * p.K * p.N, n * p.M * p.N
}

// expected is the definition, for dense matrices.
func expected(p cublaslt.Product, a, b, d, bias []float64, alpha, beta float64) []float64 {
	out := make([]float64, len(d))
	for batch := range max(p.Batch, 1) {
		atA, atB, atD := batch*p.M*p.K, batch*p.K*p.N, batch*p.M*p.N
		for i := range p.M {
			for j := range p.N {
				var sum float64
				for k := range p.K {
					x, y := atA+i*p.K+k, atB+k*p.N+j
					if p.TransA {
						x = atA + k*p.M + i
					}
					if p.TransB {
						y = atB + j*p.K + k
					}
					sum += a[x] * b[y]
				}
				sum = alpha*sum + beta*d[atD+i*p.N+j]
				if p.Bias {
					sum += bias[j]
				}
				out[atD+i*p.N+j] = sum
			}
		}
	}
	return out
}

func TestProducts(t *testing.T) { products(t, emulator.Open(t).Search()) }

func TestProductsOnAGPU(t *testing.T) {
	_, s := drivertest.GPU(t)
	products(t, s)
}

func products(t *testing.T, s library.Search) {
	r := open(t, s, cublaslt.NewChoices("", nil))
	random := rand.New(rand.NewPCG(1, 2))
	for _, in := range []cublaslt.Type{cublaslt.Float32, cublaslt.BFloat16} {
		for _, trans := range []int{0, 1, 2, 3} {
			for _, bias := range []bool{false, true} {
				p := cublaslt.Product{M: 24, N: 40, K: 16, TransA: trans&1 > 0, TransB: trans&2 > 0, In: in, Out: in, Compute: cublaslt.FP32, Bias: bias}
				r.compare(p, random)
			}
		}
	}
	r.compare(cublaslt.Product{M: 5, N: 7, K: 3, Compute: cublaslt.FP32}, random)
	r.compare(cublaslt.Product{M: 8, N: 16, K: 24, Compute: cublaslt.TF32}, random)
	r.compare(cublaslt.Product{M: 8, N: 16, K: 24, In: cublaslt.BFloat16, Out: cublaslt.Float32, Compute: cublaslt.FP32}, random)
	r.compare(cublaslt.Product{M: 8, N: 16, K: 8, Compute: cublaslt.FP32, Batch: 3, StrideA: 64, StrideB: 128, StrideD: 128}, random)
}

// compare runs a product plainly, measured, and captured, against the definition.
func (r *rig) compare(p cublaslt.Product, random *rand.Rand) {
	r.t.Helper()
	nA, nB, nD := sides(p)
	a, hostA := r.numbers(nA, p.In, random)
	b, hostB := r.numbers(nB, p.In, random)
	bias, hostBias := r.numbers(p.N, p.Out, random)
	for _, beta := range []float32{0, 1} {
		d, hostD := r.numbers(nD, p.Out, random)
		o := cublaslt.Operands{A: a, B: b, D: d, Bias: bias, Alpha: 2, Beta: beta}
		want := expected(p, hostA, hostB, hostD, hostBias, 2, float64(beta))
		check(r.t, r.handle.Measure(r.stream, p, o))
		r.same(p, d, hostD, "D after the measurement")
		check(r.t, r.handle.Multiply(r.stream, p, o))
		r.same(p, d, want, "plain")
		check(r.t, r.device.BeginCapture(r.stream))
		check(r.t, r.handle.Multiply(r.stream, p, o))
		g := must(r.device.EndCapture(r.stream))(r.t)
		check(r.t, r.device.LaunchGraph(g, r.stream))
		r.same(p, d, expected(p, hostA, hostB, want, hostBias, 2, float64(beta)), "captured")
	}
}

func (r *rig) same(p cublaslt.Product, d driver.Pointer, want []float64, when string) {
	r.t.Helper()
	for i, got := range r.read(d, len(want), p.Out) {
		if math.Abs(got-want[i]) > math.Abs(want[i])/128 {
			r.t.Fatalf("%v, %s: number %d is %v, want %v", p, when, i, got, want[i])
		}
	}
}

func TestProductsThatMakeNoSense(t *testing.T) {
	r := open(t, emulator.Open(t).Search(), cublaslt.NewChoices("", nil))
	x := must(r.device.Allocate(4096))(t)
	o := cublaslt.Operands{A: x, B: x.Offset(1024), D: x.Offset(2048), Alpha: 1}
	for _, bad := range []cublaslt.Product{{M: 4, N: 4}, {M: 4, N: 4, K: -1, Compute: cublaslt.FP32}, {M: 4, N: 8, K: 4, LDD: 7, Compute: cublaslt.FP32}} {
		if err := r.handle.Multiply(r.stream, bad, o); !driver.Is(err, driver.Bug) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	check(t, r.handle.Close())
}

func TestChoicesAreKept(t *testing.T) {
	e := emulator.Open(t)
	folder := filepath.Join(t.TempDir(), "products")
	p := cublaslt.Product{M: 8, N: 8, K: 8, Compute: cublaslt.FP32}
	measured := func(said *[]string) bool {
		r := open(t, e.Search(), cublaslt.NewChoices(folder, func(w string) { *said = append(*said, w) }))
		x := must(r.device.Allocate(4096))(t)
		check(t, r.device.FillAsync(r.stream, x, 0, 4096))
		before := e.Calls()["cublasLtMatmul"]
		check(t, r.handle.Measure(r.stream, p, cublaslt.Operands{A: x, B: x.Offset(1024), D: x.Offset(2048), Alpha: 1}))
		return e.Calls()["cublasLtMatmul"] > before
	}
	var said []string
	if !measured(&said) || measured(&said) || len(said) > 0 {
		t.Errorf("measured again, or never; said %q", said)
	}
	files := must(filepath.Glob(filepath.Join(folder, "*.json")))(t)
	if len(files) != 1 {
		t.Fatalf("files: %q", files)
	}
	b := must(os.ReadFile(files[0]))(t)
	b[len(b)/2] ^= 1
	check(t, os.WriteFile(files[0], b, 0o644))
	if !measured(&said) || len(said) == 0 || !strings.Contains(said[0], "damaged") {
		t.Errorf("a damaged file: said %q", said)
	}
	if said = nil; measured(&said) || len(said) > 0 {
		t.Errorf("after the repair: said %q", said)
	}
}
