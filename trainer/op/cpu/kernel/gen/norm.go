package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func (l *level) layerNorm() {
	l.fn("layerNorm", "func(y, stats, x, gain, bias *float32, rows, width int)", "is a layer norm; stats takes mean and 1/sqrt of each row.")
	y, stats, x, gain, bias, rows, width := arg("y"), arg("stats"), arg("x"), arg("gain"), arg("bias"), arg("rows"), arg("width")
	l.times(rows, func() {
		sum := l.zero()
		l.over(width, func(at func(Register) Mem, by *mask) { VADDPS(l.load(at(x), by), sum, sum) })
		mean := l.meanOf(sum, width)
		squares := l.zero()
		l.over(width, func(at func(Register) Mem, by *mask) {
			d := l.loadOver(at(x), by, mean)
			VSUBPS(mean, d, d)
			VFMADD231PS(d, d, squares)
		})
		scale, one := l.meanOf(squares, width), l.constant(1)
		VADDPS(k(1e-5), scale, scale)
		VSQRTPS(scale, scale)
		VDIVPS(scale, one, scale)
		VMOVSS(mean.(VecVirtual).AsX(), Mem{Base: stats})
		VMOVSS(scale.(VecVirtual).AsX(), Mem{Base: stats, Disp: 4})
		l.over(width, func(at func(Register) Mem, by *mask) {
			v := l.load(at(x), by)
			VSUBPS(mean, v, v)
			VMULPS(scale, v, v)
			VMULPS(l.load(at(gain), by), v, v)
			VADDPS(l.load(at(bias), by), v, v)
			l.store(v, at(y), by)
		})
		ADDQ(U32(8), stats)
		l.next(width, x, y)
	})
	leave()
}

// meanOf is the sum of v's lanes over n, in all lanes.
func (l *level) meanOf(v, n Register) Register {
	sum, count := l.sum(v), XMM()
	VXORPS(count, count, count)
	VCVTSI2SSQ(n, count, count)
	VDIVSS(count, sum, sum)
	out := l.vec()
	VBROADCASTSS(sum, out)
	return out
}

// next moves pointers on by n numbers.
func (l *level) next(n Register, pointers ...Register) {
	for _, p := range pointers {
		LEAQ(Mem{Base: p, Index: n, Scale: 4}, p)
	}
}

func (l *level) layerNormBack() {
	for _, residual := range []bool{false, true} {
		name := "layerNormBack"
		if residual {
			name = "layerNormBackAdd"
		}
		l.fn(name, "func(dx, dgain, dbias, dy, x, stats, gain, residual *float32, rows, width int)", "is the backward pass of a layer norm.")
		dx, dgain, dbias, dy, x, stats, gain, width := arg("dx"), arg("dgain"), arg("dbias"), arg("dy"), arg("x"), arg("stats"), arg("gain"), arg("width")
		var add Register
		if residual {
			add = arg("residual")
		}
		rows := arg("rows")
		l.times(rows, func() {
			mean, scale := l.spreadMem(Mem{Base: stats}), l.spreadMem(Mem{Base: stats, Disp: 4})
			hat := func(at func(Register) Mem, by *mask) Register {
				v := l.load(at(x), by)
				VSUBPS(mean, v, v)
				VMULPS(scale, v, v)
				return v
			}
			sum, along := l.zero(), l.zero()
			l.over(width, func(at func(Register) Mem, by *mask) {
				d, h := l.load(at(dy), by), hat(at, by)
				g, b := l.load(at(dgain), by), l.load(at(dbias), by)
				VFMADD231PS(d, h, g)
				VADDPS(d, b, b)
				l.store(g, at(dgain), by)
				l.store(b, at(dbias), by)
				VMULPS(l.load(at(gain), by), d, d)
				VADDPS(d, sum, sum)
				VFMADD231PS(d, h, along)
			})
			sum, along = l.meanOf(sum, width), l.meanOf(along, width)
			l.over(width, func(at func(Register) Mem, by *mask) {
				d, h := l.load(at(dy), by), hat(at, by)
				VMULPS(l.load(at(gain), by), d, d)
				VSUBPS(sum, d, d)
				VFNMADD231PS(h, along, d)
				VMULPS(scale, d, d)
				if residual {
					VADDPS(l.load(at(add), by), d, d)
				}
				l.store(d, at(dx), by)
			})
			ADDQ(U32(8), stats)
			l.next(width, x, dy, dx)
			if residual {
				l.next(width, add)
			}
		})
		leave()
	}
}
