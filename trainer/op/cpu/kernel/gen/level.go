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
	table  [2][2][]string           // tiles by [vectors-1][tail]
	fuse   func(a, b, acc Register) // acc += a b, of a tile
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

// multiplyAdd is the fuse of float32.
func multiplyAdd(a, b, acc Register) { VFMADD231PS(a, b, acc) }

func arg(name string) Register { return Load(Param(name), GP64()) }
