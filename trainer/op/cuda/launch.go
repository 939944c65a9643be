package cuda

import (
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// shape is how a kernel is launched.
type shape struct {
	grid, block driver.Dim
	shared      int // bytes
	head        int // of attention's kernels
}

// What the kernels' text says of blocks.
const (
	warp      = 32
	rowsBlock = 4   // ROWS
	usual     = 256 // threads of a block
)

// gridMost is the most blocks of a kernel whose threads stride: enough for any GPU.
const gridMost = 4096

// strided is for kernels whose threads take `each` of n numbers at a time and stride over them.
func strided(n, each int) shape {
	return shape{grid: driver.Dim{X: min(max(ceil(n, usual*each), 1), gridMost)}, block: driver.Dim{X: usual}}
}

// byRows is for kernels whose warps have a row each.
func byRows(rows int) shape {
	return shape{grid: driver.Dim{X: ceil(rows, rowsBlock)}, block: driver.Dim{X: rowsBlock * warp}}
}

// launch puts a kernel into the stream. Arguments are as the kernel declares them: pointers, int
// as int, int64 as long long, float32, and bool as int.
func (d *Device) launch(name string, s shape, args ...any) error {
	if d.err != nil { // of an operand
		return d.err
	}
	f, err := d.kernels.find(name, s.head, s.shared)
	if err != nil {
		return err
	}
	l := driver.Launch{Function: f, Grid: s.grid, Block: s.block, Shared: s.shared, Stream: d.stream, Args: make([]driver.Arg, len(args))}
	for i, a := range args {
		if l.Args[i], err = argument(a); err != nil {
			return fmt.Errorf("kernel %s, argument %d: %w", name, i, err)
		}
	}
	if err := d.gpu.Launch(l); err != nil {
		return fmt.Errorf("kernel %s: %w", name, err)
	}
	return nil
}

func argument(a any) (driver.Arg, error) {
	switch v := a.(type) {
	case driver.Pointer:
		return driver.Ptr(v), nil
	case int:
		return driver.Int(v), nil
	case int64:
		return driver.Int64(v), nil
	case float32:
		return driver.Float(v), nil
	case bool:
		if v {
			return driver.Int(1), nil
		}
		return driver.Int(0), nil
	}
	return driver.Arg{}, driver.Errorf(driver.Bug, "%T cannot be passed to a kernel", a)
}

// vectorBytes is what a thread reads at once.
const vectorBytes = 16

// vector is how many activations that are.
func (d *Device) vector() int { return vectorBytes / d.real() }

// aligned says that all addresses allow vectors.
func aligned(at ...driver.Pointer) bool {
	for _, p := range at {
		if p%vectorBytes != 0 {
			return false
		}
	}
	return true
}
