package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rowsOfTwo writes the kernels that combine two arrays number by number.
func (l *level) rowsOfTwo() {
	for _, c := range []struct {
		name string
		f    func(a Op, b, dst Op)
	}{
		{"add", func(a, b, dst Op) { VADDPS(a, b, dst) }},
		{"mul", func(a, b, dst Op) { VMULPS(a, b, dst) }},
		{"move", nil},
	} {
		l.fn(c.name, "func(y *float32, ldy int, x *float32, ldx int, rows, n int)", "is a Combine.")
		y, ldy, x, ldx, rows, n := arg("y"), arg("ldy"), arg("x"), arg("ldx"), arg("rows"), arg("n")
		l.times(rows, func() {
			l.over(n, func(at func(Register) Mem, by *mask) {
				v := l.load(at(x), by)
				if c.f != nil {
					c.f(l.load(at(y), by), v, v)
				}
				l.store(v, at(y), by)
			})
			ADDQ(ldy, y)
			ADDQ(ldx, x)
		})
		leave()
	}
	l.addScaled()
	l.scale()
	l.dot()
	l.columnSums()
	l.maxInto()
}

func (l *level) addScaled() {
	l.fn("addScaled", "func(y, x *float32, n int, a float32)", "adds a*x to y.")
	y, x, n, a := arg("y"), arg("x"), arg("n"), l.spread("a")
	l.over(n, func(at func(Register) Mem, by *mask) {
		v := l.load(at(y), by)
		VFMADD231PS(l.load(at(x), by), a, v)
		l.store(v, at(y), by)
	})
	leave()
}

func (l *level) scale() {
	l.fn("scale", "func(y, x *float32, n int, a float32)", "sets y to a*x.")
	y, x, n, a := arg("y"), arg("x"), arg("n"), l.spread("a")
	l.over(n, func(at func(Register) Mem, by *mask) {
		v := l.load(at(x), by)
		VMULPS(v, a, v)
		l.store(v, at(y), by)
	})
	leave()
}

func (l *level) dot() {
	l.fn("dot", "func(x, y *float32, n int) float32", "is the sum of x*y.")
	x, y, n, acc := arg("x"), arg("y"), arg("n"), l.zero()
	l.over(n, func(at func(Register) Mem, by *mask) {
		VFMADD231PS(l.load(at(x), by), l.load(at(y), by), acc)
	})
	Store(l.sum(acc), ReturnIndex(0))
	leave()
}

// columnSums goes down the rows of one vector of columns at a time.
func (l *level) columnSums() {
	l.fn("columnSums", "func(y, x *float32, ldx int, rows, n int)", "adds the sum of x's rows to y.")
	y, x, ldx, n := arg("y"), arg("x"), arg("ldx"), arg("n")
	l.over(n, func(at func(Register) Mem, by *mask) {
		acc := l.load(at(y), by)
		row, rows := GP64(), GP64()
		LEAQ(at(x), row)
		Load(Param("rows"), rows)
		l.times(rows, func() {
			VADDPS(l.load(Mem{Base: row}, by), acc, acc)
			ADDQ(ldx, row)
		})
		l.store(acc, at(y), by)
	})
	leave()
}

func (l *level) maxInto() {
	l.fn("maxInto", "func(y, x *float32, n int)", "sets y to the larger of y and x.")
	y, x, n := arg("y"), arg("x"), arg("n")
	l.over(n, func(at func(Register) Mem, by *mask) {
		v := l.load(at(y), by)
		VMAXPS(l.load(at(x), by), v, v)
		l.store(v, at(y), by)
	})
	leave()
}
