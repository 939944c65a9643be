package cublaslt

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// key is what decides which algorithms can serve.
type key struct {
	product Product
	a, b, d uint32 // alignments in bytes
}

// algorithm is cublasLt's description of one (cublasLtMatmulAlgo_t): it may be stored and used
// again with the same version of the library.
type algorithm [8]uint64

// candidate is cublasLtMatmulHeuristicResult_t.
type candidate struct {
	algorithm algorithm
	workspace uint64
	status    int32
	waves     float32
	reserved  [4]int32
}

// plan is a product made ready: descriptors and an algorithm.
type plan struct {
	desc      uintptr
	a, b, d   uintptr // layouts, in our order
	algorithm algorithm
	settled   bool // measured, or restored from what was
}

// attributes of cublasLt's descriptors (cublasLt.h).
const (
	descTransA      = 3
	descTransB      = 4
	descEpilogue    = 7
	descBiasPointer = 8

	layoutBatch  = 5
	layoutStride = 6

	preferWorkspace  = 1
	preferReductions = 3
	preferAlignA     = 5
	preferAlignB     = 6
	preferAlignC     = 7
	preferAlignD     = 8

	epilogueBias = 4
	// Partial sums of a split K are added up in the workspace, in fp32 and in order, never in
	// place.
	reduceCompute = 2
)

// describe makes a product's descriptors. cublasLt counts by columns: it computes
// D^T = op(B)^T op(A)^T, so that our B is its A.
func (h *Handle) describe(p Product) (*plan, error) {
	made := new(plan)
	err := h.fill(made, p)
	if err != nil {
		made.free(h.lib)
		return nil, err
	}
	return made, nil
}

func (h *Handle) fill(made *plan, p Product) error {
	if err := h.lib.call(descCreate, uintptr(unsafe.Pointer(&made.desc)), uintptr(p.Compute), uintptr(Float32)); err != nil {
		return err
	}
	set := func(attribute int, v int32) error {
		return h.lib.call(descSet, made.desc, uintptr(attribute), uintptr(unsafe.Pointer(&v)), unsafe.Sizeof(v))
	}
	if err := set(descTransA, transposed(p.TransB)); err != nil {
		return err
	}
	if err := set(descTransB, transposed(p.TransA)); err != nil {
		return err
	}
	if p.Bias {
		if err := set(descEpilogue, epilogueBias); err != nil {
			return err
		}
	}
	for _, m := range []struct {
		layout             *uintptr
		t                  Type
		rows, columns      int
		transposed         bool
		apart, batchStride int
	}{
		{&made.a, p.In, p.M, p.K, p.TransA, p.LDA, p.StrideA},
		{&made.b, p.In, p.K, p.N, p.TransB, p.LDB, p.StrideB},
		{&made.d, p.Out, p.M, p.N, false, p.LDD, p.StrideD},
	} {
		rows, columns := m.rows, m.columns
		if m.transposed {
			rows, columns = columns, rows
		}
		if err := h.layout(m.layout, m.t, rows, columns, m.apart, p.Batch, m.batchStride); err != nil {
			return err
		}
	}
	return nil
}

func transposed(yes bool) int32 {
	if yes {
		return 1
	}
	return 0
}

// layout describes a row-major matrix as what it is by columns: its transpose.
func (h *Handle) layout(made *uintptr, t Type, rows, columns, apart, batch, stride int) error {
	if err := h.lib.call(layoutCreate, uintptr(unsafe.Pointer(made)), uintptr(t), uintptr(columns), uintptr(rows), uintptr(apart)); err != nil {
		return err
	}
	if batch == 1 {
		return nil
	}
	n, s := int32(batch), int64(stride)
	if err := h.lib.call(layoutSet, *made, layoutBatch, uintptr(unsafe.Pointer(&n)), unsafe.Sizeof(n)); err != nil {
		return err
	}
	return h.lib.call(layoutSet, *made, layoutStride, uintptr(unsafe.Pointer(&s)), unsafe.Sizeof(s))
}

func (p *plan) free(l *Library) {
	for _, layout := range []uintptr{p.a, p.b, p.d} {
		if layout != 0 {
			_ = l.call(layoutDestroy, layout) // it frees host memory: nothing to do about a failure
		}
	}
	if p.desc != 0 {
		_ = l.call(descDestroy, p.desc)
	}
}

// candidates asks for the algorithms that may serve a product, the likeliest first.
func (h *Handle) candidates(made *plan, k key) ([]candidate, error) {
	var preference uintptr
	if err := h.lib.call(preferenceCreate, uintptr(unsafe.Pointer(&preference))); err != nil {
		return nil, err
	}
	defer func() { _ = h.lib.call(preferenceDestroy, preference) }() // host memory, too
	size := uint64(Workspace)
	if err := h.lib.call(preferenceSet, preference, preferWorkspace, uintptr(unsafe.Pointer(&size)), unsafe.Sizeof(size)); err != nil {
		return nil, err
	}
	for attribute, v := range map[uintptr]uint32{
		preferReductions: reduceCompute, preferAlignA: k.b, preferAlignB: k.a, preferAlignC: k.d, preferAlignD: k.d,
	} {
		if err := h.lib.call(preferenceSet, preference, attribute, uintptr(unsafe.Pointer(&v)), unsafe.Sizeof(v)); err != nil {
			return nil, err
		}
	}
	const most = 8
	found := make([]candidate, most)
	var n int32
	err := h.lib.call(heuristic, h.handle, made.desc, made.b, made.a, made.d, made.d, preference, most, uintptr(unsafe.Pointer(&found[0])), uintptr(unsafe.Pointer(&n)))
	if err != nil {
		return nil, err
	}
	var usable []candidate
	for _, c := range found[:n] {
		if c.status == 0 && c.workspace <= Workspace {
			usable = append(usable, c)
		}
	}
	if usable == nil {
		return nil, driver.Errorf(driver.Unsupported, "cublasLt has no algorithm for %v", k.product)
	}
	return usable, nil
}
