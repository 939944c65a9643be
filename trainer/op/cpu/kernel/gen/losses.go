package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// log1p are the coefficients of log(1 + t) = t (c0 + c1 t + ...) on [0, 1], interpolated at
// Chebyshev's nodes; relative error 6e-9.
var log1p = []float64{
	0.9999999946562919, -0.49999892648062794, 0.33329710498909654, -0.24951616262817627, 0.1966327425703815,
	-0.15269667074153756, 0.10543623795455226, -0.05637361283377445, 0.019542527264495183, -0.003176057019500076,
}

func (l *level) losses() {
	l.fn("expColumns", "func(sums, x, tops *float32, n int, scale float32)", "adds exp(scale*x - tops) to sums.")
	sums, x, tops, n, scale := arg("sums"), arg("x"), arg("tops"), arg("n"), l.spread("scale")
	l.over(n, func(at func(Register) Mem, by *mask) {
		v := l.load(at(x), by)
		VFMSUB213PS(l.load(at(tops), by), scale, v)
		l.exp(v)
		s := l.load(at(sums), by)
		VADDPS(v, s, s)
		l.store(s, at(sums), by)
	})
	leave()

	l.fn("contrast", "func(x, columns *float32, n int, scale, row, factor float32) float32",
		"sets x to factor*p, p = exp(scale*x - row) + exp(scale*x - columns), and gives the sum of p*x.")
	x, columns, n := arg("x"), arg("columns"), arg("n")
	scale, row, factor := l.spread("scale"), l.spread("row"), l.spread("factor")
	dot := l.zero()
	l.over(n, func(at func(Register) Mem, by *mask) {
		v := l.load(at(x), by)
		a, b := l.vec(), l.vec()
		VMOVAPS(v, a)
		VFMSUB213PS(row, scale, a)
		l.exp(a)
		VMOVAPS(v, b)
		VFMSUB213PS(l.load(at(columns), by), scale, b)
		l.exp(b)
		VADDPS(a, b, a)
		VFMADD231PS(a, v, dot) // v is zero outside the mask
		VMULPS(factor, a, a)
		l.store(a, at(x), by)
	})
	Store(l.sum(dot), ReturnIndex(0))
	leave()
	l.sigmoids()
}

func (l *level) sigmoids() {
	l.fn("sigmoids", "func(x *float32, n int, scale, bias, factor float32) (loss, dot, sum float32)",
		"sets x to factor*s, s = sigmoid(scale*x + bias), and gives the sums of -log(1 - s), s*x and s.")
	x, n := arg("x"), arg("n")
	scale, bias, factor := l.spread("scale"), l.spread("bias"), l.spread("factor")
	loss, dot, sum := l.zero(), l.zero(), l.zero()
	l.over(n, func(at func(Register) Mem, by *mask) {
		logit, e, t := l.load(at(x), by), l.vec(), l.vec()
		VFMADD213PS(bias, scale, logit)
		VMOVUPS(bits(0x80000000), e)
		if l.wide {
			VPORD(logit, e, e)
		} else {
			VORPS(logit, e, e)
		}
		l.exp(e) // e^-|logit|
		VMOVUPS(k(log1p[9]), t)
		for i := 8; i >= 0; i-- {
			VFMADD213PS(k(log1p[i]), e, t)
		}
		VMULPS(e, t, t)
		positive := l.zero()
		VMAXPS(logit, positive, positive)
		VADDPS(positive, t, t)
		l.addLanes(t, loss, by)
		s, below := l.vec(), l.vec()
		VADDPS(k(1), e, t)
		VMOVUPS(k(1), s)
		VDIVPS(t, s, s) // sigmoid(|logit|)
		VMULPS(e, s, below)
		l.choose(logit, below, s, s)
		VFMADD231PS(l.load(at(x), by), s, dot)
		l.addLanes(s, sum, by)
		VMULPS(factor, s, s)
		l.store(s, at(x), by)
	})
	for i, v := range []Register{loss, dot, sum} {
		Store(l.sum(v), ReturnIndex(i))
	}
	leave()
}
