package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// transpose writes Pack: dst[c][r] = src[r][c] for up to lanes rows of src, in squares.
func (l *level) transpose() {
	l.fn("pack", "func(dst *float32, ldd int, src *float32, lds int, columns, rows int)", "is a Pack.")
	dst, ldd, src, lds, left := arg("dst"), arg("ldd"), arg("src"), arg("lds"), arg("columns")
	loop, tail, end := l.label("squares"), l.label("tail"), l.label("done")
	Label(loop)
	CMPQ(left, U32(uint32(l.lanes)))
	JLT(LabelRef(tail))
	for _, v := range l.square(l.rowsOf(src, lds, nil)) {
		VMOVUPS(v, Mem{Base: dst})
		ADDQ(ldd, dst)
	}
	ADDQ(U32(uint32(l.bytes())), src)
	SUBQ(U32(uint32(l.lanes)), left)
	JMP(LabelRef(loop))
	Label(tail)
	TESTQ(left, left)
	JZ(LabelRef(end))
	for _, v := range l.square(l.rowsOf(src, lds, l.first(left))) {
		VMOVUPS(v, Mem{Base: dst})
		ADDQ(ldd, dst)
		DECQ(left)
		JZ(LabelRef(end))
	}
	Label(end)
	leave()
}

// rowsOf loads a vector of each row; behind the last row it repeats it, into lanes that nobody
// stores.
func (l *level) rowsOf(src, lds Register, by *mask) []Register {
	at, step, none, more := GP64(), GP64(), GP64(), GP64()
	MOVQ(src, at)
	MOVQ(lds, step)
	XORQ(none, none)
	Load(Param("rows"), more)
	rows := make([]Register, l.lanes)
	for i := range rows {
		rows[i] = l.load(Mem{Base: at}, by)
		if i < l.lanes-1 {
			DECQ(more)
			CMOVQLE(none, step)
			ADDQ(step, at)
		}
	}
	return rows
}

// square transposes lanes vectors: first 4x4 within each 128 bits, then the 128-bit parts.
func (l *level) square(in []Register) []Register {
	mid := make([]Register, len(in))
	for i := 0; i < len(in); i += 4 {
		a, b, c, d := l.vec(), l.vec(), l.vec(), l.vec()
		VUNPCKLPS(in[i+1], in[i], a)
		VUNPCKHPS(in[i+1], in[i], b)
		VUNPCKLPS(in[i+3], in[i+2], c)
		VUNPCKHPS(in[i+3], in[i+2], d)
		for j, pair := range [][2]Register{{a, c}, {b, d}} {
			mid[i+2*j], mid[i+2*j+1] = l.vec(), l.vec()
			VUNPCKLPD(pair[1], pair[0], mid[i+2*j])
			VUNPCKHPD(pair[1], pair[0], mid[i+2*j+1])
		}
	}
	if !l.wide {
		out := make([]Register, 8)
		for j := range 4 {
			out[j], out[j+4] = YMM(), YMM()
			VPERM2F128(U8(0x20), mid[j+4], mid[j], out[j])
			VPERM2F128(U8(0x31), mid[j+4], mid[j], out[j+4])
		}
		return out
	}
	out := make([]Register, 16)
	for j := range 4 { // mid[4g+j] part p holds columns 4p+j of rows 4g to 4g+3
		low, high, low2, high2 := ZMM(), ZMM(), ZMM(), ZMM()
		VSHUFF32X4(U8(0x44), mid[4+j], mid[j], low)     // parts 0, 1 of groups 0, 1
		VSHUFF32X4(U8(0xee), mid[4+j], mid[j], high)    // parts 2, 3
		VSHUFF32X4(U8(0x44), mid[12+j], mid[8+j], low2) // of groups 2, 3
		VSHUFF32X4(U8(0xee), mid[12+j], mid[8+j], high2)
		for part, pair := range [][2]Register{{low, low2}, {high, high2}} {
			out[8*part+j], out[8*part+4+j] = ZMM(), ZMM()
			VSHUFF32X4(U8(0x88), pair[1], pair[0], out[8*part+j])
			VSHUFF32X4(U8(0xdd), pair[1], pair[0], out[8*part+4+j])
		}
	}
	return out
}
