package cuda

import (
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// product is to [m, n] = a [m, k] b [k, n] + bias [n] + plus [m, n], all row-major. Operands are
// activations or weights, in one type, unless floats says that all are float32.
type product struct {
	m, n, k int
	a, b    matrix
	to      driver.Pointer
	step    int            // between rows of to and plus
	plus    driver.Pointer // optional; may be to
	bias    driver.Pointer // optional, in the operands' type
	wide    bool           // to and plus are float32
	floats  bool
}

// matrix is an operand: its rows lie step apart. One that lies across has been stored transposed.
type matrix struct {
	at     driver.Pointer
	step   int
	across bool
}

// multiply puts a product into the stream. In fp32 everything is exact; in tf32, and for floats
// beside bfloat16, factors are rounded to TF32.
func (d *Device) multiply(p product) error {
	if d.err != nil { // of an operand
		return d.err
	}
	l := cublaslt.Product{
		M: p.m, N: p.n, K: p.k, TransA: p.a.across, TransB: p.b.across, LDA: p.a.step, LDB: p.b.step, LDD: p.step,
		Compute: cublaslt.FP32, Bias: p.bias != 0,
	}
	if d.narrow() && !p.floats {
		l.In = cublaslt.BFloat16
		if !p.wide {
			l.Out = cublaslt.BFloat16
		}
	} else if d.precision != sweep.PrecisionFP32 {
		l.Compute = cublaslt.TF32
	}
	o := cublaslt.Operands{A: p.a.at, B: p.b.at, C: p.plus, D: p.to, Bias: p.bias, Alpha: 1}
	if p.plus != 0 {
		o.Beta = 1
	}
	if d.measure && !d.recording {
		if err := d.products.Measure(d.stream, l, o); err != nil {
			return err
		}
	}
	return d.products.Multiply(d.stream, l, o)
}
