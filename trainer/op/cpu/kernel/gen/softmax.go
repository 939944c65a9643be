package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func (l *level) softmax() {
	l.fn("maxOf", "func(x *float32, n int) float32", "is the largest of x.")
	x, n, top := arg("x"), arg("n"), l.vec()
	VMOVUPS(bits(math.Float32bits(float32(math.Inf(-1)))), top)
	l.over(n, func(at func(Register) Mem, by *mask) { VMAXPS(l.loadOver(at(x), by, top), top, top) })
	Store(l.fold(top, func(a, b, dst Op) { VMAXPS(a, b, dst) }), ReturnIndex(0))
	leave()

	l.fn("expOf", "func(y, x *float32, n int, scale, shift float32) float32", "sets y to exp(scale*x + shift) and gives its sum.")
	y, x, n := arg("y"), arg("x"), arg("n")
	scale, shift, sum := l.spread("scale"), l.spread("shift"), l.zero()
	l.over(n, func(at func(Register) Mem, by *mask) {
		v := l.load(at(x), by)
		VFMADD213PS(shift, scale, v)
		l.exp(v)
		l.store(v, at(y), by)
		l.addLanes(v, sum, by)
	})
	Store(l.sum(sum), ReturnIndex(0))
	leave()
}

// addLanes adds the lanes of v that the mask selects to sum.
func (l *level) addLanes(v, sum Register, by *mask) {
	switch {
	case by == nil:
		VADDPS(v, sum, sum)
	case l.wide:
		VADDPS(v, sum, by.k, sum)
	default:
		kept := YMM()
		VANDPS(by.v, v, kept)
		VADDPS(kept, sum, sum)
	}
}
