package cli

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// writeNPY writes rows of equal length in numpy's format 1.0: float32, [len(rows), width].
func writeNPY(w io.Writer, rows [][]float32) error {
	width := 0
	if len(rows) > 0 {
		width = len(rows[0])
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", len(rows), width)
	header += strings.Repeat(" ", (64-(10+len(header)+1)%64)%64) + "\n" // numbers begin at a multiple of 64
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	b = append(b, header...)
	for _, row := range rows {
		for _, v := range row {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	_, err := w.Write(b)
	return err
}
