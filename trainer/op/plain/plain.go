// Package plain is the definition of every operation of op: loops that can be read beside the
// formulas, in float32 or float64. It is slow; finite differences in float64 check it, and it
// checks the fast devices.
package plain

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// Real is what a device computes in.
type Real interface{ float32 | float64 }

// Device keeps its numbers in Go's memory and does every operation at once.
type Device[T Real] struct {
	floats [][]T
	ints   [][]int32
}

var _ op.Device = (*Device[float64])(nil)

// New makes an empty device.
func New[T Real]() *Device[T] { return &Device[T]{} }

// Name implements op.Device.
func (*Device[T]) Name() string { return "plain" }

// Floats implements op.Memory.
func (d *Device[T]) Floats(n int) op.Floats {
	d.floats = append(d.floats, make([]T, n))
	return op.Floats{Block: len(d.floats), Len: n}
}

// Activations implements op.Memory.
func (d *Device[T]) Activations(n int) op.Floats { return d.Floats(n) }

// Ints implements op.Memory.
func (d *Device[T]) Ints(n int) op.Ints {
	d.ints = append(d.ints, make([]int32, n))
	return op.Ints{Block: len(d.ints), Len: n}
}

// Values are the numbers behind a handle, in the device's own precision; nil for none.
func (d *Device[T]) Values(f op.Floats) []T {
	if f.None() {
		return nil
	}
	return d.floats[f.Block-1][f.At:][:f.Len:f.Len]
}

func (d *Device[T]) integers(i op.Ints) []int32 { return d.ints[i.Block-1][i.At:][:i.Len:i.Len] }

// Write implements op.Memory.
func (d *Device[T]) Write(dst op.Floats, src []float32) {
	to := d.Values(dst)[:len(src)]
	for i, v := range src {
		to[i] = T(v)
	}
}

// WriteInts implements op.Memory.
func (d *Device[T]) WriteInts(dst op.Ints, src []int32) { copy(d.integers(dst)[:len(src)], src) }

// Read implements op.Memory.
func (d *Device[T]) Read(dst []float32, src op.Floats) error {
	for i, v := range d.Values(src)[:len(dst)] {
		dst[i] = float32(v)
	}
	return nil
}

// Close implements op.Memory.
func (d *Device[T]) Close() error {
	d.floats, d.ints = nil, nil
	return nil
}

// Zero implements op.Device.
func (d *Device[T]) Zero(x op.Floats) { clear(d.Values(x)) }

// Add implements op.Device.
func (d *Device[T]) Add(y, x op.Floats) {
	from := d.Values(x)
	for i := range d.Values(y) {
		d.Values(y)[i] += from[i]
	}
}

// Clamp implements op.Device.
func (d *Device[T]) Clamp(x op.Floats, low, high float64) {
	for i, v := range d.Values(x) {
		d.Values(x)[i] = min(max(v, T(low)), T(high))
	}
}

// row is row r of a matrix that is width wide.
func row[T any](x []T, r, width int) []T { return x[r*width:][:width] }

func dot[T Real](a, b []T) T {
	var sum T
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func sqrt[T Real](x T) T { return T(math.Sqrt(float64(x))) }
func exp[T Real](x T) T  { return T(math.Exp(float64(x))) }
func log[T Real](x T) T  { return T(math.Log(float64(x))) }
