package cublaslt

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// Multiply puts a product into a stream, with the algorithm that was measured to be best, or else
// with cublasLt's own first choice. It may be captured.
func (h *Handle) Multiply(s driver.Stream, p Product, o Operands) error {
	return h.device.Do(func() error {
		k, made, err := h.ready(p, o)
		if err != nil {
			return err
		}
		return h.run(s, made, k.product, o)
	})
}

// Measure chooses the algorithm for a product by timing it on its operands, unless that was done
// before, here or by a process that shared the file of the choices. D keeps its contents. It must
// not be captured; it waits for the stream.
func (h *Handle) Measure(s driver.Stream, p Product, o Operands) error {
	return h.device.Do(func() error {
		k, made, err := h.ready(p, o)
		if err != nil || made.settled {
			return err
		}
		if a, ok := h.choices.find(h, k); ok { // another handle was first
			made.algorithm, made.settled = a, true
			return nil
		}
		if err := h.measure(s, k, made, o); err != nil {
			return fmt.Errorf("measure %v: %w", k.product, err)
		}
		return nil
	})
}

// ready finds or makes a product's plan.
func (h *Handle) ready(p Product, o Operands) (key, *plan, error) {
	p, err := p.whole()
	k := key{p, alignment(o.A), alignment(o.B), alignment(o.added() | o.D)}
	if err != nil {
		return k, nil, err
	}
	if made := h.plans[k]; made != nil {
		return k, made, nil
	}
	made, err := h.describe(p)
	if err != nil {
		return k, nil, err
	}
	if err := h.choose(made, k); err != nil {
		made.free(h.lib)
		return k, nil, err
	}
	h.plans[k] = made
	return k, made, nil
}

// choose takes what was measured before, where the library still accepts it.
func (h *Handle) choose(made *plan, k key) error {
	if a, ok := h.choices.find(h, k); ok {
		var result candidate
		err := h.lib.call(algoCheck, h.handle, made.desc, made.b, made.a, made.d, made.d, uintptr(unsafe.Pointer(&a)), uintptr(unsafe.Pointer(&result)))
		if err == nil && result.workspace <= Workspace {
			made.algorithm, made.settled = a, true
			return nil
		}
		h.choices.drop(h, k)
	}
	found, err := h.candidates(made, k)
	if err == nil {
		made.algorithm = found[0].algorithm
	}
	return err
}

func (h *Handle) run(s driver.Stream, made *plan, p Product, o Operands) error {
	if p.Bias {
		bias := o.Bias
		if err := h.lib.call(descSet, made.desc, descBiasPointer, uintptr(unsafe.Pointer(&bias)), unsafe.Sizeof(bias)); err != nil {
			return err
		}
	}
	h.scalars = [2]float32{o.Alpha, o.Beta}
	return h.lib.call(matmul, h.handle, made.desc,
		uintptr(unsafe.Pointer(&h.scalars[0])), uintptr(o.B), made.b, uintptr(o.A), made.a,
		uintptr(unsafe.Pointer(&h.scalars[1])), uintptr(o.added()), made.d, uintptr(o.D), made.d,
		uintptr(unsafe.Pointer(&made.algorithm)), uintptr(h.workspace), Workspace, uintptr(s))
}

// measure times every candidate into memory of its own, so that D is not touched.
func (h *Handle) measure(s driver.Stream, k key, made *plan, o Operands) error {
	found, err := h.candidates(made, k)
	if err != nil {
		return err
	}
	// 256 bytes more, to be aligned just as D is.
	scratch, err := h.device.Allocate(k.product.elements()*k.product.Out.bytes() + 256)
	if err != nil {
		return err
	}
	o.C, o.D, o.Beta = 0, scratch.Offset(int(o.D%256)), 0
	best, err := h.fastest(s, found, *made, k.product, o)
	if err == nil {
		err = h.device.Free(scratch)
	} else {
		_ = h.device.Free(scratch) // the first failure is the one to tell
	}
	if err != nil {
		return err
	}
	made.algorithm, made.settled = h.choices.keep(h, k, best), true
	return nil
}

// rounds is how often a candidate is timed; its best counts.
const rounds = 5

func (h *Handle) fastest(s driver.Stream, found []candidate, trial plan, p Product, o Operands) (algorithm, error) {
	watch, err := newStopwatch(h.device, s)
	if err != nil {
		return algorithm{}, err
	}
	defer watch.free()
	best, least := found[0].algorithm, float32(math.Inf(1))
	for _, c := range found {
		trial.algorithm = c.algorithm
		for range rounds + 1 { // the first one warms up
			ms, err := watch.time(func() error { return h.run(s, &trial, p, o) })
			if driver.Is(err, driver.Unsupported) {
				break
			}
			if err != nil {
				return best, err
			}
			if ms < least {
				best, least = c.algorithm, ms
			}
		}
	}
	return best, nil
}
