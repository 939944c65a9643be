// Command gen writes the assembly of trainer/op/cpu/kernel: `make generate` runs it. It is a
// module of its own, so that the program does not depend on the assembler.
package main

import (
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64")
	levels := []*level{
		{name: "AVX512", wide: true, lanes: 16, rows: 12},
		{name: "AVX2", lanes: 8, rows: 6},
	}
	for _, l := range levels {
		l.fuse = multiplyAdd
		l.tiles()
		l.transpose()
		l.activations()
		l.rowsOfTwo()
		l.layerNorm()
		l.layerNormBack()
		l.softmax()
		l.attention()
		l.losses()
		l.adamw()
		l.peak(12)
	}
	half := &level{name: "BF16", wide: true, lanes: 16, rows: 12}
	half.bf16()
	pause()
	if err := writeTables("../tables_amd64.go", append(levels, half)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	Generate()
}
