package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// encoded is an instruction of AVX512_BF16, which neither Go's assembler nor avo knows: three
// vector registers, in the order of Intel's manual (dst, a, b), as an EVEX prefix of P0 to P2,
// opcode and ModRM (volume 2, section 2.7). It is printed after registers were chosen.
type encoded struct {
	Constant

	of     *ir.Instruction // has the registers: Outputs[0], Inputs[0], Inputs[1]
	prefix byte            // pp: 2 for F3, 3 for F2
	opcode byte
	half   int // 0: the first four bytes, 1: the other two
}

// Asm implements operand.Op.
func (e *encoded) Asm() string {
	dst, a, b := number(e.of.Outputs[0]), number(e.of.Inputs[0]), number(e.of.Inputs[1])
	if e.half == 1 {
		return fmt.Sprintf("$0x%02x%02x", 0xc0|dst&7<<3|b&7, e.opcode)
	}
	not := func(register, bit, to byte) byte { return ^register >> bit & 1 << to }
	p0 := not(dst, 3, 7) | not(b, 4, 6) | not(b, 3, 5) | not(dst, 4, 4) | 2 // of map 0F 38
	p1 := ^a&15<<3 | 1<<2 | e.prefix
	p2 := byte(2<<5) | not(a, 4, 3) // 512 bits
	return fmt.Sprintf("$0x%02x%02x%02x62", p2, p1, p0)
}

func number(r Op) byte { return byte(r.(Physical).PhysicalIndex()) }

// emit writes an instruction that reads what is in inputs (the last two are its operands) and
// changes dst.
func emit(prefix, opcode byte, a, b, dst Register, more ...Op) {
	first := &ir.Instruction{Opcode: "LONG", Inputs: append([]Op{a, b}, more...), Outputs: []Op{dst}}
	first.Operands = []Op{&encoded{U32(0), first, prefix, opcode, 0}}
	Instruction(first)
	Instruction(&ir.Instruction{Opcode: "WORD", Operands: []Op{&encoded{U32(0), first, prefix, opcode, 1}}})
}

// dot is VDPBF16PS: acc += the products of a's and b's pairs.
func dot(a, b, acc Register) { emit(2, 0x52, a, b, acc, acc) }

// round is VCVTNE2PS2BF16: the numbers of low, then those of high, to the nearest bfloat16.
func round(high, low, dst Register) { emit(3, 0x72, high, low, dst) }

// bf16 writes products of pairs, and the kernels that make pairs.
func (l *level) bf16() {
	l.fuse = dot
	l.tiles()
	l.roundRows()
	l.roundColumns()
	l.peak(24)
}

// roundRows makes pairs of neighbours in a row.
func (l *level) roundRows() {
	l.fn("roundRows", "func(dst *float32, ldd int, src *float32, lds int, rows, n int)", "is a Pair: of neighbours in a row.")
	dst, ldd, src, lds, rows, n := arg("dst"), arg("ldd"), arg("src"), arg("lds"), arg("rows"), arg("n")
	l.times(rows, func() {
		from, to, left := GP64(), GP64(), GP64()
		MOVQ(src, from)
		MOVQ(dst, to)
		MOVQ(n, left)
		loop, tail, end := l.label("pairs"), l.label("tail"), l.label("done")
		Label(loop)
		CMPQ(left, U32(uint32(2*l.lanes)))
		JLT(LabelRef(tail))
		l.roundPairs(from, to, nil, nil, nil)
		ADDQ(U32(uint32(2*l.bytes())), from)
		ADDQ(U32(uint32(l.bytes())), to)
		SUBQ(U32(uint32(2*l.lanes)), left)
		JMP(LabelRef(loop))
		Label(tail)
		TESTQ(left, left)
		JZ(LabelRef(end))
		ones, high := GP32(), GP32()
		MOVL(I32(-1), ones)
		BZHIL(left.(GP).As32(), ones, ones)
		MOVL(ones, high)
		SHRL(U8(16), high)
		low, second := K(), K()
		KMOVW(ones, low)
		KMOVW(high, second)
		INCQ(left)
		SHRQ(U8(1), left)
		l.roundPairs(from, to, &mask{k: low}, &mask{k: second}, l.first(left))
		Label(end)
		ADDQ(lds, src)
		ADDQ(ldd, dst)
	})
	leave()
}

func (l *level) roundPairs(from, to Register, low, high, words *mask) {
	a, b, v := l.load(Mem{Base: from}, low), l.load(Mem{Base: from, Disp: l.bytes()}, high), l.vec()
	round(b, a, v)
	l.store(v, Mem{Base: to}, words)
}

// roundColumns makes pairs of neighbours in a column: dst has half as many rows.
func (l *level) roundColumns() {
	order := GLOBL("pairsOfHalves", NOPTR|RODATA)
	for i := range l.lanes {
		DATA(4*i, U32(uint32((l.lanes+i)<<16|i)))
	}
	l.fn("roundColumns", "func(dst *float32, ldd int, src *float32, lds int, rows, n int)", "is a Pair: of neighbours in a column.")
	dst, ldd, src, lds, rows, n := arg("dst"), arg("ldd"), arg("src"), arg("lds"), arg("rows"), arg("n")
	spread := l.vec()
	VMOVUPS(order, spread)
	loop, last, end := l.label("pairs"), l.label("last"), l.label("done")
	row := func(high func(at func(Register) Mem, by *mask) Register) {
		l.over(n, func(at func(Register) Mem, by *mask) {
			low, v := l.load(at(src), by), l.vec()
			round(high(at, by), low, v)
			VPERMW(v, spread, v)
			l.store(v, at(dst), by)
		})
	}
	Label(loop)
	CMPQ(rows, U32(2))
	JLT(LabelRef(last))
	next := GP64()
	LEAQ(Mem{Base: src, Index: lds, Scale: 1}, next)
	row(func(at func(Register) Mem, by *mask) Register { return l.load(at(next), by) })
	LEAQ(Mem{Base: next, Index: lds, Scale: 1}, src)
	ADDQ(ldd, dst)
	SUBQ(U32(2), rows)
	JMP(LabelRef(loop))
	Label(last)
	TESTQ(rows, rows)
	JLE(LabelRef(end))
	row(func(func(Register) Mem, *mask) Register { return l.zero() })
	Label(end)
	leave()
}
