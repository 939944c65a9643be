package cublaslt

import (
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// Type is a number's type in memory, as CUDA counts them (cudaDataType).
type Type int

const (
	Float32  Type = 0
	BFloat16 Type = 14
)

func (t Type) bytes() int {
	if t == BFloat16 {
		return 2
	}
	return 4
}

func (t Type) String() string { return map[Type]string{Float32: "fp32", BFloat16: "bf16"}[t] }

// Compute is how products are summed: always in fp32; TF32 rounds fp32 operands to 10 bits of
// mantissa first, for tensor cores.
type Compute int

const (
	FP32 Compute = 68
	TF32 Compute = 77
)

// Product is D [M, N] = alpha op(A) [M, K] op(B) [K, N] + beta C + bias, all row-major; op
// transposes where TransA or TransB say that A is stored as [K, M] or B as [N, K].
type Product struct {
	M, N, K        int
	TransA, TransB bool
	LDA, LDB, LDD  int  // numbers from row to row as stored; 0: the rows are dense
	In, Out        Type // of A and B, and of D and the bias
	Compute        Compute
	Bias           bool // bias [N] is added to each row
	Batch          int  // that many products; 0 and 1: one
	StrideA        int  // numbers from one product's A to the next's, as StrideB and StrideD
	StrideB        int
	StrideD        int
}

// Operands are where a product's matrices lie.
type Operands struct {
	A, B, D     driver.Pointer
	C           driver.Pointer // what beta multiplies, which lies as D does; 0: D itself
	Bias        driver.Pointer
	Alpha, Beta float32 // beta 0: C is not read
}

func (p Product) String() string {
	letter := map[bool]string{false: "n", true: "t"}
	return fmt.Sprintf("%dx%dx%d %s%s %v->%v compute %d bias %t batch %d ld %d/%d/%d stride %d/%d/%d",
		p.M, p.N, p.K, letter[p.TransA], letter[p.TransB], p.In, p.Out, p.Compute, p.Bias, p.Batch, p.LDA, p.LDB, p.LDD, p.StrideA, p.StrideB, p.StrideD)
}

// whole fills in what zeros stand for and refuses what makes no sense.
func (p Product) whole() (Product, error) {
	if p.M <= 0 || p.N <= 0 || p.K <= 0 {
		return p, driver.Errorf(driver.Bug, "a product of %dx%dx%d", p.M, p.N, p.K)
	}
	wideA, wideB := p.K, p.N
	if p.TransA {
		wideA = p.M
	}
	if p.TransB {
		wideB = p.K
	}
	p.Batch = max(p.Batch, 1)
	for _, ld := range []struct {
		is   *int
		wide int
	}{{&p.LDA, wideA}, {&p.LDB, wideB}, {&p.LDD, p.N}} {
		if *ld.is == 0 {
			*ld.is = ld.wide
		}
		if *ld.is < ld.wide {
			return p, driver.Errorf(driver.Bug, "%v: rows of %d numbers, %d apart", p, ld.wide, *ld.is)
		}
	}
	return p, nil
}

// elements is how many numbers D's memory spans.
func (p Product) elements() int { return (p.Batch-1)*p.StrideD + (p.M-1)*p.LDD + p.N }

// added is where C lies.
func (o Operands) added() driver.Pointer {
	if o.C == 0 {
		return o.D
	}
	return o.C
}

// alignment is the largest power of two, at most 256, that divides an address.
func alignment(p driver.Pointer) uint32 {
	p |= 256
	return uint32(p & -p)
}
