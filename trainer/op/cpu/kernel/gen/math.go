package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// exp replaces x by e^x: x = n ln 2 + r, the Taylor polynomial of degree 7 in r (its next term
// is below 6e-9), n added to the exponent. x is held within [-87.3, 88]; NaN stays NaN.
func (l *level) exp(x Register) {
	VMAXPS(x, l.constant(-87.3), x)
	VMINPS(x, l.constant(88), x)
	n, f, p := l.vec(), l.vec(), l.vec()
	VMULPS(k(math.Log2E), x, n)
	VCVTPS2DQ(n, n)
	VCVTDQ2PS(n, f)
	VFNMADD231PS(k(0.693359375), f, x)
	VFNMADD231PS(k(math.Ln2-0.693359375), f, x)
	VMOVUPS(k(1.0/5040), p)
	for _, c := range []float64{1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1} {
		VFMADD213PS(k(c), x, p)
	}
	VPSLLD(U8(23), n, n)
	VPADDD(n, p, x)
}

// tailOfNormal are the coefficients of erfc(|u|/sqrt 2)/2 = e^(-u^2/2) t (c0 + c1 t + ...), t =
// 1/(1 + 0.3|u|), for |u| <= 10: interpolated at Chebyshev's nodes, relative error 8e-8.
var tailOfNormal = []float64{
	0.1195935534050728, 0.12126865546955098, 0.09686907713700181, 0.13816250534767116,
	-0.07115321674241581, 0.22474029803303325, -0.1675959150036646, 0.03811507362630006,
}

// gelu gives x Phi(x) in place and Phi(x) + x phi(x) as its slope.
func (l *level) gelu(x Register) (slope Register) {
	size, e, t, p := l.vec(), l.vec(), l.vec(), l.vec()
	l.and(bits(0x7fffffff), x, size)
	VMULPS(k(-0.5), x, e)
	VMULPS(x, e, e)
	l.exp(e) // e^(-x^2/2)
	VMOVUPS(k(1), t)
	VFMADD231PS(k(0.3), size, t)
	VMOVUPS(k(1), p)
	VDIVPS(t, p, t)
	VMOVUPS(k(tailOfNormal[7]), p)
	for i := 6; i >= 0; i-- {
		VFMADD213PS(k(tailOfNormal[i]), t, p)
	}
	VMULPS(t, p, p)
	VMULPS(e, p, p) // the tail beyond |x|: Phi(x) below 0, 1 - Phi(x) above
	// Phi = 0.5 + s (0.5 - tail) with s the sign of x, exact in the tail for x < 0: 0.5 - (0.5 -
	// tail) would lose it, so it is chosen instead.
	one := l.vec()
	VMOVUPS(k(1), one)
	VSUBPS(p, one, one)
	l.choose(x, p, one, one)
	slope = l.vec()
	VMULPS(k(1/math.Sqrt(2*math.Pi)), e, slope)
	VMULPS(x, slope, slope)
	VADDPS(one, slope, slope)
	VMULPS(one, x, x)
	return slope
}

// choose puts negative where the sign bit of x is set, and other elsewhere, into dst.
func (l *level) choose(x, negative, other, dst Register) {
	if l.wide {
		m := K()
		VPMOVD2M(x, m)
		VPBLENDMD(negative, other, m, dst)
		return
	}
	VBLENDVPS(x, negative, other, dst)
}

// quickGELU gives x sigmoid(1.702 x) in place and s + 1.702 x s (1 - s) as its slope.
func (l *level) quickGELU(x Register) (slope Register) {
	e, s := l.vec(), l.vec()
	VMULPS(k(-1.702), x, e)
	l.exp(e)
	VADDPS(k(1), e, e)
	VMOVUPS(k(1), s)
	VDIVPS(e, s, s)
	slope = l.vec()
	VMULPS(s, x, x) // y
	VMOVUPS(k(1), e)
	VSUBPS(s, e, e)                 // 1 - s
	VMULPS(x, e, slope)             // y (1 - s)
	VFMADD132PS(k(1.702), s, slope) // 1.702 y (1 - s) + s
	return slope
}

func (l *level) activations() {
	for _, a := range []struct {
		name string
		f    func(Register) Register
	}{{"gelu", l.gelu}, {"quickGELU", l.quickGELU}} {
		l.fn(a.name, "func(y *float32, ldy int, slope *float32, lds int, rows, n int)", "is an Activate.")
		y, ldy, s, lds, rows, n := arg("y"), arg("ldy"), arg("slope"), arg("lds"), arg("rows"), arg("n")
		l.times(rows, func() {
			l.over(n, func(at func(Register) Mem, by *mask) {
				x := l.load(at(y), by)
				slope := a.f(x)
				l.store(slope, at(s), by) // slope may be y: then the value covers it
				l.store(x, at(y), by)
			})
			ADDQ(ldy, y)
			ADDQ(lds, s)
		})
		leave()
	}
}
