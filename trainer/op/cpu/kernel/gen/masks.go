package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

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
