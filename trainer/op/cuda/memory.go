package cuda

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// block is an allocation.
type block struct {
	at     driver.Pointer
	n      int
	narrow bool           // bfloat16
	copied driver.Pointer // of weights on a narrow device: the same in bfloat16
}

// Sizes of stored numbers, in bytes.
const (
	floatSize = 4
	intSize   = 4
	bf16Size  = 2
)

// real is the size of a stored activation.
func (d *Device) real() int {
	if d.narrow() {
		return bf16Size
	}
	return floatSize
}

// Floats implements op.Memory.
func (d *Device) Floats(n int) op.Floats { return d.newBlock(n, false) }

// Activations implements op.Memory.
func (d *Device) Activations(n int) op.Floats { return d.newBlock(n, d.narrow()) }

func (d *Device) newBlock(n int, narrow bool) op.Floats {
	size := floatSize
	if narrow {
		size = bf16Size
	}
	d.floats = append(d.floats, block{at: d.allocate("Floats", n*size), n: n, narrow: narrow})
	return op.Floats{Block: len(d.floats), Len: n}
}

// Ints implements op.Memory.
func (d *Device) Ints(n int) op.Ints {
	d.ints = append(d.ints, d.allocate("Ints", n*intSize))
	return op.Ints{Block: len(d.ints), Len: n}
}

// allocate gives bytes that are zero.
func (d *Device) allocate(operation string, bytes int) (at driver.Pointer) {
	d.run(operation, func() (err error) {
		if at, err = d.gpu.Allocate(max(bytes, 1)); err != nil || bytes == 0 {
			return err
		}
		return d.gpu.FillAsync(d.stream, at, 0, bytes)
	})
	return at
}

// wide is where numbers in float32 lie; 0 for none.
func (d *Device) wide(f op.Floats) driver.Pointer { return d.at(f, false) }

// reals is where activations lie; 0 for none.
func (d *Device) reals(f op.Floats) driver.Pointer { return d.at(f, d.narrow()) }

func (d *Device) at(f op.Floats, narrow bool) driver.Pointer {
	if f.None() {
		return 0
	}
	b := d.floats[f.Block-1]
	if b.narrow != narrow {
		d.fail(driver.Errorf(driver.Bug, "block %d is of the wrong kind: op says which operands are Activations and which are Floats", f.Block))
		return 0
	}
	if narrow {
		return b.at.Offset(f.At * bf16Size)
	}
	return b.at.Offset(f.At * floatSize)
}

func (d *Device) numbers(i op.Ints) driver.Pointer {
	if i.Block == 0 {
		return 0
	}
	return d.ints[i.Block-1].Offset(i.At * intSize)
}

// weights is where parameters lie in the type that products take. A narrow device keeps a copy
// of the whole block, made here on first use; what changes parameters changes it too.
func (d *Device) weights(f op.Floats) (driver.Pointer, error) {
	if f.None() || !d.narrow() {
		return d.wide(f), nil
	}
	b := &d.floats[f.Block-1]
	if b.copied == 0 {
		at, err := d.gpu.Allocate(max(b.n*bf16Size, 1))
		if err != nil {
			return 0, err
		}
		b.copied = at
		if err := d.refresh(op.Floats{Block: f.Block, Len: b.n}); err != nil {
			return 0, err
		}
	}
	return d.copyOf(f), nil
}

// copyOf is where f's copy in bfloat16 lies; 0 where it has none.
func (d *Device) copyOf(f op.Floats) driver.Pointer {
	b := d.floats[f.Block-1]
	if b.copied == 0 {
		return 0
	}
	return b.copied.Offset(f.At * bf16Size)
}

// refresh brings f's copy up to date.
func (d *Device) refresh(f op.Floats) error {
	to := d.copyOf(f)
	if to == 0 || f.Len == 0 {
		return nil
	}
	return d.launch("narrow", strided(f.Len, 1), to, d.wide(f), int64(f.Len))
}

// Write implements op.Memory.
func (d *Device) Write(dst op.Floats, src []float32) {
	if len(src) == 0 {
		return
	}
	d.run("Write", func() error {
		if !d.floats[dst.Block-1].narrow {
			if err := d.gpu.Write(d.stream, d.wide(dst), bytesOf(src)); err != nil {
				return err
			}
			return d.refresh(dst.Slice(0, len(src)))
		}
		from, err := d.scratch.take(len(src) * floatSize)
		if err != nil {
			return err
		}
		if err := d.gpu.Write(d.stream, from, bytesOf(src)); err != nil {
			return err
		}
		return d.launch("narrow", strided(len(src), 1), d.reals(dst), from, int64(len(src)))
	})
}

// WriteInts implements op.Memory.
func (d *Device) WriteInts(dst op.Ints, src []int32) {
	if len(src) == 0 {
		return
	}
	d.run("WriteInts", func() error { return d.gpu.Write(d.stream, d.numbers(dst), bytesOf(src)) })
}

// Read implements op.Memory.
func (d *Device) Read(dst []float32, src op.Floats) error {
	d.run("Read", func() error {
		if len(dst) == 0 {
			return d.gpu.Synchronize(d.stream)
		}
		from, err := d.asFloats(src, len(dst))
		if err != nil {
			return err
		}
		return d.gpu.Read(d.stream, bytesOf(dst), from)
	})
	return d.err
}

// asFloats is where the first n numbers of f lie in float32: in scratch memory when they are
// stored narrow.
func (d *Device) asFloats(f op.Floats, n int) (driver.Pointer, error) {
	if !d.floats[f.Block-1].narrow {
		return d.wide(f), nil
	}
	to, err := d.scratch.take(n * floatSize)
	if err != nil {
		return 0, err
	}
	return to, d.launch("widen", strided(n, 1), to, d.reals(f), int64(n))
}

// bytesOf is the memory of x.
func bytesOf[T float32 | int32](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(x[0])))
}
