package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func (l *level) adamw() {
	l.fn("adamw", "func(p, grad, m, v *float32, n int, c *[9]float32)", "is a step of AdamW.")
	p, g, m, v, n, c := arg("p"), arg("grad"), arg("m"), arg("v"), arg("n"), arg("c")
	var constants []Register
	for i := range 9 {
		constants = append(constants, l.spreadMem(Mem{Base: c, Disp: 4 * i}))
	}
	beta1, rest1, beta2, rest2, keep, size, root, eps, clip := constants[0], constants[1], constants[2], constants[3], constants[4], constants[5], constants[6], constants[7], constants[8]
	l.over(n, func(at func(Register) Mem, by *mask) {
		x, first := l.load(at(g), by), l.load(at(m), by)
		VMULPS(clip, x, x)
		VMULPS(beta1, first, first)
		VFMADD231PS(rest1, x, first)
		l.store(first, at(m), by)
		VMULPS(x, x, x)
		VMULPS(rest2, x, x)
		second := l.load(at(v), by)
		VFMADD213PS(x, beta2, second)
		l.store(second, at(v), by)
		VSQRTPS(second, second)
		VFMADD213PS(eps, root, second)
		VMULPS(size, first, first)
		VDIVPS(second, first, first)
		param := l.load(at(p), by)
		VFMSUB213PS(first, keep, param)
		l.store(param, at(p), by)
	})
	leave()
}

// peak runs independent multiply-adds: as many as hide their latency.
func (l *level) peak(vectors int) {
	l.fn("peak", "func(n int)", fmt.Sprintf("does n times %d vector multiply-adds.", vectors))
	n, factor := arg("n"), l.constant(0.5)
	acc := make([]Register, vectors)
	for i := range acc {
		acc[i] = l.constant(1)
	}
	l.times(n, func() {
		for _, v := range acc {
			l.fuse(factor, factor, v)
		}
	})
	leave()
}

func pause() {
	TEXT("pause", NOSPLIT, "func(n int)")
	Doc("pause waits for n short moments without disturbing the other thread of the core.")
	n := arg("n")
	Label("wait")
	PAUSE()
	DECQ(n)
	JG(LabelRef("wait"))
	RET()
}
