package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// over runs body for each vector of n numbers, the last one masked. at gives the address of the
// vector behind a pointer.
func (l *level) over(n Register, body func(at func(ptr Register) Mem, by *mask)) {
	i, left := GP64(), GP64()
	XORQ(i, i)
	MOVQ(n, left)
	at := func(ptr Register) Mem { return Mem{Base: ptr, Index: i, Scale: 1} }
	loop, tail, end := l.label("vectors"), l.label("tail"), l.label("done")
	Label(loop)
	CMPQ(left, U32(uint32(l.lanes)))
	JLT(LabelRef(tail))
	body(at, nil)
	ADDQ(U32(uint32(l.bytes())), i)
	SUBQ(U32(uint32(l.lanes)), left)
	JMP(LabelRef(loop))
	Label(tail)
	TESTQ(left, left)
	JZ(LabelRef(end))
	body(at, l.first(left))
	Label(end)
}

// times runs body n times, n > 0 or not.
func (l *level) times(n Register, body func()) {
	loop, end := l.label("rows"), l.label("end")
	Label(loop)
	TESTQ(n, n)
	JLE(LabelRef(end))
	body()
	DECQ(n)
	JMP(LabelRef(loop))
	Label(end)
}

// fold combines all lanes of v by an operation and leaves the result in an XMM register.
func (l *level) fold(v Register, combine func(a, b, dst Op)) Register {
	y := v
	if l.wide {
		high := YMM()
		VEXTRACTF64X4(U8(1), v, high)
		low := v.(VecVirtual).AsY()
		sum := YMM()
		combine(high, low, sum)
		y = sum
	}
	x, t := XMM(), XMM()
	VEXTRACTF128(U8(1), y, x)
	combine(x, y.(VecVirtual).AsX(), x)
	VMOVHLPS(x, x, t)
	combine(x, t, x)
	VMOVSHDUP(x, t)
	combine(x, t, x)
	return x
}

func (l *level) sum(v Register) Register {
	return l.fold(v, func(a, b, dst Op) { VADDPS(a, b, dst) })
}

// sumSpread is the sum of v's lanes, in all lanes.
func (l *level) sumSpread(v Register) Register {
	out := l.vec()
	VBROADCASTSS(l.sum(v), out)
	return out
}

// leave ends a function; code that follows may use the older vector instructions at full speed.
func leave() {
	VZEROUPPER()
	RET()
}
