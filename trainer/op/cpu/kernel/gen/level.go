package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// level writes every kernel for one vector width.
type level struct {
	name   string
	wide   bool // AVX-512: 32 registers of 16 lanes, masks in K registers; else AVX2: 16 of 8
	lanes  int
	rows   int // of a tile
	labels int
	table  [2][2][]string // tiles by [vectors-1][tail]
}

// mask selects the first lanes of a vector; nil selects all.
type mask struct {
	k Register // AVX-512
	v Register // AVX2
}

func (l *level) fn(name, signature, doc string) {
	TEXT(name+l.name, NOSPLIT, signature)
	Doc(name + l.name + " " + doc)
}

func (l *level) label(name string) string {
	l.labels++
	return fmt.Sprintf("%s%d", name, l.labels)
}

func (l *level) vec() Register {
	if l.wide {
		return ZMM()
	}
	return YMM()
}

func (l *level) zero() Register {
	v := l.vec()
	if l.wide {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
	return v
}

func (l *level) and(a Op, b, dst Register) {
	if l.wide {
		VPANDD(a, b, dst)
	} else {
		VANDPS(a, b, dst)
	}
}

func (l *level) xor(a Op, b, dst Register) {
	if l.wide {
		VPXORD(a, b, dst)
	} else {
		VXORPS(a, b, dst)
	}
}

func (l *level) bytes() int { return 4 * l.lanes }

var constants = map[uint32]Mem{}

// k is a vector of one constant, in memory.
func k(x float64) Mem { return bits(math.Float32bits(float32(x))) }

func bits(b uint32) Mem {
	if m, ok := constants[b]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("constant%08x", b), NOPTR|RODATA)
	for i := range 16 {
		DATA(4*i, U32(b))
	}
	constants[b] = m
	return m
}

func (l *level) constant(x float64) Register {
	v := l.vec()
	VMOVUPS(k(x), v)
	return v
}

// spread broadcasts a float32 argument.
func (l *level) spread(name string) Register {
	x, v := XMM(), l.vec()
	Load(Param(name), x)
	VBROADCASTSS(x, v)
	return v
}

func (l *level) spreadMem(m Mem) Register {
	v := l.vec()
	VBROADCASTSS(m, v)
	return v
}

func arg(name string) Register { return Load(Param(name), GP64()) }

var lanesTable *Mem

// first is the mask of the first n lanes, 0 < n < lanes.
func (l *level) first(n Register) *mask {
	if l.wide {
		ones, k := GP32(), K()
		MOVL(I32(-1), ones)
		BZHIL(n.(GP).As32(), ones, ones)
		KMOVW(ones, k)
		return &mask{k: k}
	}
	if lanesTable == nil {
		m := GLOBL("lanesTable", NOPTR|RODATA)
		for i := range 16 {
			DATA(4*i, U32(uint32(int32((i-8)>>31))))
		}
		lanesTable = &m
	}
	table, at := GP64(), GP64()
	LEAQ(*lanesTable, table)
	MOVQ(U32(8), at)
	SUBQ(n, at)
	v := YMM()
	VMOVUPS(Mem{Base: table, Index: at, Scale: 4}, v)
	return &mask{v: v}
}

// load reads a vector; lanes outside the mask are zero.
func (l *level) load(m Mem, by *mask) Register {
	v := l.vec()
	l.loadTo(m, by, v)
	return v
}

func (l *level) loadTo(m Mem, by *mask, v Register) {
	switch {
	case by == nil:
		VMOVUPS(m, v)
	case l.wide:
		VMOVUPS_Z(m, by.k, v)
	default:
		VMASKMOVPS(m, by.v, v)
	}
}

// loadOver reads a vector; lanes outside the mask are those of fill.
func (l *level) loadOver(m Mem, by *mask, fill Register) Register {
	if by == nil {
		return l.load(m, nil)
	}
	v := l.vec()
	if l.wide {
		VMOVAPS(fill, v)
		VMOVUPS(m, by.k, v)
		return v
	}
	VMASKMOVPS(m, by.v, v)
	VBLENDVPS(by.v, v, fill, v)
	return v
}

func (l *level) store(v Register, m Mem, by *mask) {
	switch {
	case by == nil:
		VMOVUPS(v, m)
	case l.wide:
		VMOVUPS(v, by.k, m)
	default:
		VMASKMOVPS(v, by.v, m)
	}
}

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
