package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// attention writes the softmaxes over all rows of one head's scores.
func (l *level) attention() {
	l.attend()
	l.attendBack()
}

func (l *level) attend() {
	l.fn("attend", "func(p *float32, ldp, rows, n, sees, grow int, scale float32, logSum *float32)", "is an Attend.")
	p, ldp, rows, sees, logSum, scale := arg("p"), arg("ldp"), arg("rows"), arg("sees"), arg("logSum"), l.spread("scale")
	lowest := l.vec()
	VMOVUPS(bits(math.Float32bits(float32(math.Inf(-1)))), lowest)
	l.times(rows, func() {
		top := l.vec()
		VMOVAPS(lowest, top)
		l.over(sees, func(at func(Register) Mem, by *mask) { VMAXPS(l.loadOver(at(p), by, lowest), top, top) })
		shift := l.vec()
		VBROADCASTSS(l.fold(top, func(a, b, dst Op) { VMAXPS(a, b, dst) }), shift)
		VMULPS(scale, shift, shift)
		sum := l.zero()
		l.over(sees, func(at func(Register) Mem, by *mask) {
			v := l.load(at(p), by)
			VFMSUB213PS(shift, scale, v)
			l.exp(v)
			l.store(v, at(p), by)
			l.addLanes(v, sum, by)
		})
		sum = l.sumSpread(sum)
		inverse := l.constant(1)
		VDIVPS(sum, inverse, inverse)
		l.over(sees, func(at func(Register) Mem, by *mask) {
			v := l.load(at(p), by)
			VMULPS(inverse, v, v)
			l.store(v, at(p), by)
		})
		VADDPS(l.log(sum), shift, shift)
		VMOVSS(shift.(VecVirtual).AsX(), Mem{Base: logSum})
		l.clearRest(sees, p)
		l.nextRow(sees, logSum, ldp, p)
	})
	leave()
}

func (l *level) attendBack() {
	l.fn("attendBack", "func(p, dp *float32, ldp, rows, n, sees, grow int, scale float32, logSum *float32)", "is an AttendBack.")
	p, dp, ldp, rows, sees, logSum, scale := arg("p"), arg("dp"), arg("ldp"), arg("rows"), arg("sees"), arg("logSum"), l.spread("scale")
	l.times(rows, func() {
		shift, mean := l.spreadMem(Mem{Base: logSum}), l.zero()
		l.over(sees, func(at func(Register) Mem, by *mask) {
			v := l.load(at(p), by)
			VFMSUB213PS(shift, scale, v)
			l.exp(v)
			l.store(v, at(p), by)
			VFMADD231PS(l.load(at(dp), by), v, mean) // dp is zero outside the mask
		})
		mean = l.sumSpread(mean)
		l.over(sees, func(at func(Register) Mem, by *mask) {
			v := l.load(at(dp), by)
			VSUBPS(mean, v, v)
			VMULPS(l.load(at(p), by), v, v)
			VMULPS(scale, v, v)
			l.store(v, at(dp), by)
		})
		l.clearRest(sees, p, dp)
		l.nextRow(sees, logSum, ldp, p, dp)
	})
	leave()
}

// clearRest zeroes what a row does not see: its numbers from sees on to n.
func (l *level) clearRest(sees Register, pointers ...Register) {
	rest, zero := arg("n"), l.zero()
	SUBQ(sees, rest)
	var behind []Register
	for _, p := range pointers {
		b := GP64()
		LEAQ(Mem{Base: p, Index: sees, Scale: 4}, b)
		behind = append(behind, b)
	}
	l.over(rest, func(at func(Register) Mem, by *mask) {
		for _, b := range behind {
			l.store(zero, at(b), by)
		}
	})
}

// nextRow moves on to a row that sees more.
func (l *level) nextRow(sees, logSum, ldp Register, pointers ...Register) {
	grow := arg("grow")
	ADDQ(grow, sees)
	ADDQ(U32(4), logSum)
	for _, p := range pointers {
		ADDQ(ldp, p)
	}
}

// log gives the natural logarithm of x, finite and positive: x = 2^e m with m within a factor of
// sqrt 2 of 1, and log m = 2 artanh s, s = (m - 1)/(m + 1), by its series (next term below 2e-9).
func (l *level) log(x Register) Register {
	const rootHalf = 0x3f3504f3 // the bits of sqrt(1/2)
	e, m, s, p := l.vec(), l.vec(), l.vec(), l.vec()
	VPSUBD(bits(rootHalf), x, e)
	VPSRAD(U8(23), e, e)
	VPSLLD(U8(23), e, m)
	VPSUBD(m, x, m)
	VCVTDQ2PS(e, e)
	VADDPS(k(1), m, p)
	VSUBPS(k(1), m, s)
	VDIVPS(p, s, s)
	z := l.vec()
	VMULPS(s, s, z)
	VMOVUPS(k(2.0/9), p)
	for _, c := range []float64{2.0 / 7, 2.0 / 5, 2.0 / 3, 2} {
		VFMADD213PS(k(c), z, p)
	}
	VMULPS(s, p, p)
	VFMADD231PS(k(math.Ln2), e, p)
	return p
}
