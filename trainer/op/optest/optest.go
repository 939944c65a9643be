// Package optest checks a device against the definition of every operation (op/plain, in
// float64) over random shapes: odd sizes, single rows, none at all.
package optest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

// pair is the device under test beside the definition. Memory is asked for in the same order,
// so a handle means the same on both.
type pair struct {
	t      *testing.T
	random *rand.Rand
	device op.Device
	plain  *plain.Device[float64]
	round  func(float32) float32 // of the factors of linear layers; nil: none
	stored map[int]bool          // blocks of activations that are stored in bfloat16
	o      Options
	ran    int // comparisons of numbers
}

// Options say how a device is checked.
type Options struct {
	Rounds    int     // of random shapes, for each operation
	Tolerance float64 // relative to the largest number of a result
	Most      int     // caps random sizes; 0: not
	Heads     []int   // sizes of attention's heads to choose from; nil: any up to 40
	// Stored says that the device stores activations in bfloat16 and multiplies factors in it.
	// All numbers that come in are ones that bfloat16 has, and activations that come out may
	// be off by StoredTolerance of the largest, all others by Tolerance still.
	Stored bool
	TF32   bool // products of float32, also those of the losses, round their factors to TF32
}

// tf32 is how much rounding to TF32, which keeps 11 bits of a number, changes it at most.
const tf32 = 1.0 / (1 << 11)

// StoredTolerance allows for two roundings to bfloat16 on the way to a result, and its own.
const StoredTolerance = 1.0 / (1 << 7)

// Check runs every operation rounds times on devices that make gives. tolerance is relative to
// the largest number of a result.
func Check(t *testing.T, rounds int, tolerance float64, make func() op.Device) {
	CheckWith(t, Options{Rounds: rounds, Tolerance: tolerance}, make)
}

// CheckWith is Check with options.
func CheckWith(t *testing.T, o Options, make func() op.Device) { check(t, checks, o, nil, make) }

// CheckAttention checks attention alone, of given shapes.
func CheckAttention(t *testing.T, o Options, shapes []op.Attention, make func() op.Device) {
	o.Rounds = 1
	some := map[string]func(*pair, float64){}
	for _, s := range shapes {
		some[fmt.Sprintf("%+v", s)] = func(p *pair, tolerance float64) { p.attention(tolerance, s) }
	}
	check(t, some, o, nil, make)
}

func check(t *testing.T, checks map[string]func(*pair, float64), o Options, round func(float32) float32, make func() op.Device) {
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 7))
			device := make()
			p := &pair{t: t, random: random, device: device, plain: plain.New[float64](), round: round, stored: map[int]bool{}, o: o}
			if o.Stored || o.TF32 {
				p.round = RoundBF16 // TF32 has those numbers too
			}
			for range o.Rounds {
				check(p, o.Tolerance)
				if t.Failed() {
					return
				}
			}
			if p.ran == 0 {
				t.Fatal("nothing was compared")
			}
			if err := device.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// size is a random count: often 1, sometimes 0 where none is allowed, mostly odd ones up to high.
func (p *pair) size(low, high int) int {
	if p.o.Most > 0 {
		low, high = min(low, p.o.Most), min(high, p.o.Most)
	}
	switch p.random.IntN(8) {
	case 0:
		return low
	case 1:
		return max(low, 1)
	case 2: // whole vectors
		return max(low, high/16*16)
	default:
		return low + p.random.IntN(high-low+1)
	}
}

func (p *pair) both(n int) op.Floats {
	p.plain.Floats(n)
	return p.device.Floats(n)
}

// kept gives n activations.
func (p *pair) kept(n int) op.Floats {
	p.plain.Activations(n)
	f := p.device.Activations(n)
	p.stored[f.Block] = p.o.Stored
	return f
}

// normal gives n random numbers.
func (p *pair) normal(n int) op.Floats { return p.write(p.both(n), 1, p.storedRound()) }

// input gives n random activations.
func (p *pair) input(n int) op.Floats { return p.grown(n, 1) }

// grown gives n random activations of a wide range.
func (p *pair) grown(n int, scale float64) op.Floats {
	return p.write(p.kept(n), scale, p.storedRound())
}

// factor gives n random activations that a linear layer multiplies, weights its parameters.
func (p *pair) factor(n int) op.Floats { return p.write(p.kept(n), 1, p.round) }

func (p *pair) weights(n int, scale float64) op.Floats { return p.write(p.both(n), scale, p.round) }

func (p *pair) storedRound() func(float32) float32 {
	if p.o.Stored {
		return RoundBF16
	}
	return nil
}

// cancels is a floor for results whose inputs were rounded on the way: see same.
func (p *pair) cancels() float64 {
	if p.o.Stored {
		return 1
	}
	return 1e-3
}

func (p *pair) write(f op.Floats, scale float64, round func(float32) float32) op.Floats {
	values := make([]float32, f.Len)
	for i := range values {
		values[i] = float32(scale * p.random.NormFloat64())
		if round != nil {
			values[i] = round(values[i])
		}
	}
	p.device.Write(f, values)
	p.plain.Write(f, values)
	return f
}

func (p *pair) ids(n, below int) op.Ints {
	p.plain.Ints(n)
	i, values := p.device.Ints(n), make([]int32, n)
	for k := range values {
		values[k] = int32(p.random.IntN(below))
	}
	p.device.WriteInts(i, values)
	p.plain.WriteInts(i, values)
	return i
}

// run does the same on both devices.
func (p *pair) run(f func(op.Device)) {
	f(p.device)
	f(p.plain)
}

// same compares results. floor is how large the numbers are from whose difference they come:
// what cancels has no relative precision.
func (p *pair) same(tolerance, floor float64, results map[string]op.Floats) {
	p.t.Helper()
	for name, f := range results {
		if f.None() {
			continue
		}
		got, want := make([]float32, f.Len), p.plain.Values(f)
		if err := p.device.Read(got, f); err != nil {
			p.t.Fatal(err)
		}
		top := max(floor, p.largest(f))
		tolerance := tolerance
		if p.stored[f.Block] {
			tolerance = StoredTolerance
		}
		for i, v := range want {
			if !(math.Abs(float64(got[i])-v) <= tolerance*top) {
				p.t.Errorf("%s[%d] of %d is %g, by the definition %g (largest %g)", name, i, f.Len, got[i], v, top)
				return
			}
			p.ran++
		}
	}
}

// largest is the largest number by the definition.
func (p *pair) largest(f op.Floats) float64 {
	top := 0.0
	for _, v := range p.plain.Values(f) {
		top = max(top, math.Abs(v))
	}
	return top
}

// maybe gives a handle or none.
func (p *pair) maybe(make func() op.Floats) op.Floats {
	if p.random.IntN(3) == 0 {
		return op.Floats{}
	}
	return make()
}
