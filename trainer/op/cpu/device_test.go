package cpu

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
	"github.com/scalelaw/scalelaw/trainer/op/optest"
)

func device(t testing.TB, level string, threads int) *Device {
	t.Helper()
	d, err := New(Options{Level: level, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// Every operation at every level of this CPU is what its definition says.
func TestAgainstTheDefinition(t *testing.T) {
	for _, level := range kernel.Levels() {
		t.Run(level, func(t *testing.T) {
			optest.Check(t, 40, 3e-6, func() op.Device { return device(t, level, 2) })
		})
	}
}

// inBF16 is a device that computes in bfloat16; where none can be had the test is skipped, and
// fails with REQUIRE_AVX512_BF16=1.
func inBF16(t testing.TB, threads int) *Device {
	t.Helper()
	d, err := New(Options{Threads: threads, BF16: true})
	switch {
	case errors.Is(err, sweep.ErrNoDevice) && os.Getenv("REQUIRE_AVX512_BF16") != "1":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// With factors in bfloat16, linear layers are within the rounding's bound, and exact for factors
// that need none; everything else is as without.
func TestAgainstTheDefinitionInBF16(t *testing.T) {
	inBF16(t, 1)
	optest.CheckBF16(t, 40, 3e-6, func() op.Device { return inBF16(t, 2) })
}

// Kernels without the instructions refuse it and say what to do.
func TestNoBF16(t *testing.T) {
	for _, level := range kernel.Levels() {
		set, err := kernel.Choose(level)
		if err != nil {
			t.Fatal(err)
		}
		if set.BF16 != nil {
			continue
		}
		if _, err := New(Options{Level: level, BF16: true}); !errors.Is(err, sweep.ErrNoDevice) || !strings.Contains(err.Error(), "here are "+level+"; precision fp32 runs on every CPU") {
			t.Errorf("%s: %v", level, err)
		}
	}
}

// Factors are rounded to the nearest, ties to the even one: a product by one shows how.
func TestRounding(t *testing.T) {
	d := inBF16(t, 1)
	const n = 1 << 12
	x := make([]float32, n)
	for i := range x { // every third is a tie
		x[i] = math.Float32frombits(0x3f800000 + uint32(i)<<15 + uint32(i%3)*0x1357)
	}
	one, in, y := d.Floats(1), d.Floats(n), d.Floats(n)
	d.Write(one, []float32{1})
	d.Write(in, x)
	got := make([]float32, n)
	for name, run := range map[string]func(){
		"rows":    func() { d.Linear(y, in, one, op.Linear{Rows: n, In: 1, Out: 1}) },
		"columns": func() { d.LinearInputs(y, one, in, op.Floats{}, 1, n, 1) },
	} {
		run()
		if err := d.Read(got, y); err != nil {
			t.Fatal(err)
		}
		for i, v := range x {
			if want := optest.RoundBF16(v); got[i] != want {
				t.Fatalf("%s: %x becomes %x, not %x", name, math.Float32bits(v), math.Float32bits(got[i]), math.Float32bits(want))
			}
		}
	}
}
