package cuda

import (
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// numbers gives Floats and Activations that hold small numbers.
type numbers struct{ d op.Device }

func (n numbers) floats(count int) op.Floats { return n.fill(n.d.Floats(count)) }
func (n numbers) kept(count int) op.Floats   { return n.fill(n.d.Activations(count)) }

func (n numbers) fill(f op.Floats) op.Floats {
	values := make([]float32, f.Len)
	for i := range values {
		values[i] = float32(i*7%13)/8 - 0.75
	}
	n.d.Write(f, values)
	return f
}

func (n numbers) ids(count, below int) op.Ints {
	i, values := n.d.Ints(count), make([]int32, count)
	for k := range values {
		values[k] = int32(k * 5 % below)
	}
	n.d.WriteInts(i, values)
	return i
}

// Operations at shapes that use all of a kernel.
func layerNorm(n numbers) op.Floats {
	const rows, width = 3, 50
	y := n.kept(rows * width)
	n.d.LayerNorm(y, n.floats(2*rows), n.kept(rows*width), n.floats(width), n.floats(width), rows, width)
	return y
}

func attention(n numbers) op.Floats {
	s := op.Attention{Batch: 1, Tokens: 79, Heads: 2, Head: 16}
	y := n.kept(79 * 32)
	n.d.Attention(y, n.floats(158), n.kept(79*96), s)
	return y
}

func embedBack(n numbers) op.Floats {
	s := op.Sequence{Batch: 30, Tokens: 10, Width: 40}
	table := n.floats(7 * 40)
	n.d.EmbedBack(table, n.floats(400), n.kept(300*40), n.ids(300, 7), s)
	return table
}

func addAll(n numbers) op.Floats {
	y := n.floats(256) // an allocation without a gap behind it
	n.d.Add(y, n.floats(256))
	return y
}

// Faults in the kernels' own text, of the kinds that happen, are found by running them. (Those of
// barriers: TestEveryBarrierIsMissed.)
func TestPlantedFaultsAreCaught(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string // replaced once
		run      func(numbers) op.Floats
		says     string
	}{
		"norm over one number too many": {"c < width; c += WARP * V) {\n    load(v, x + c);\n#pragma unroll\n    for (int i = 0; i < V; i++) sum", "c <= width; c += WARP * V) {\n    load(v, x + c);\n#pragma unroll\n    for (int i = 0; i < V; i++) sum", layerNorm, "past the end"},
		"a row of queries too many":     {"if (r >= tokens) continue;", "if (r > tokens) continue;", attention, "past the end"},
		"a count without an atomic":     {"atomicAdd(&bins[keys[i] >> shift & (BINS - 1)], 1)", "bins[keys[i] >> shift & (BINS - 1)]++", embedBack, "race"},
		"counts that begin anywhere":    {"  for (int w = 0; w < SORT_WARPS; w++) next[w][threadIdx.x] = 0;\n", "", embedBack, "never written"},
		"one number too many":           {"STRIDED(i, n, 1) y[i] += x[i];", "STRIDED(i, n + 1, 1) y[i] += x[i];", addAll, "past the end"},
	} {
		t.Run(name, func(t *testing.T) {
			_, device := open(t, Options{})
			d := device().(*Device)
			defer d.Close()
			if err := d.Read(nil, c.run(numbers{d})); err != nil {
				t.Fatalf("without the fault: %v", err)
			}
			planted := false
			d.kernels.program = func(precision, arch string, head int) nvrtc.Program {
				p := Program(precision, arch, head)
				planted = planted || strings.Contains(p.Source, c.from)
				p.Source = strings.Replace(p.Source, c.from, c.to, 1)
				return p
			}
			clear(d.kernels.modules)
			clear(d.kernels.functions)
			err := d.Read(nil, c.run(numbers{d}))
			if !planted {
				t.Fatalf("no text has %q", c.from)
			}
			if !driver.Is(err, driver.DeviceLost) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v: want a lost device, and a reason with %q", err, c.says)
			}
		})
	}
}

// The first failure sticks, whatever is called after it.
func TestFailuresStick(t *testing.T) {
	for name, c := range map[string]struct {
		run   func(d op.Device, n numbers)
		class driver.Class
	}{
		"a head too large": {func(d op.Device, n numbers) {
			d.Attention(n.kept(200), n.floats(1), n.kept(600), op.Attention{Batch: 1, Tokens: 1, Heads: 1, Head: 200})
		}, driver.Unsupported},
		"a norm too wide": {func(d op.Device, n numbers) {
			d.LayerNormBack(n.kept(1025), n.floats(1025), n.floats(1025), n.kept(1025), n.kept(1025), n.floats(2), n.floats(1025), op.Floats{}, 1, 1025)
		}, driver.Unsupported},
		"memory that is not": {func(d op.Device, n numbers) { d.Floats(1 << 40) }, driver.OutOfMemory},
		"floats as activations": {func(d op.Device, n numbers) {
			d.LayerNorm(n.floats(8), n.floats(2), n.kept(8), n.floats(8), n.floats(8), 1, 8)
		}, driver.Bug},
	} {
		t.Run(name, func(t *testing.T) {
			_, device := open(t, Options{Precision: sweep.PrecisionBF16})
			d := device()
			defer d.Close()
			n := numbers{d}
			c.run(d, n)
			y := n.floats(4)
			d.Zero(y)
			for range 2 {
				if err := d.Read(make([]float32, 4), y); !driver.Is(err, c.class) {
					t.Errorf("%v: want one of class %v", err, c.class)
				}
			}
		})
	}
}

func TestUnknownPrecisionIsRefused(t *testing.T) {
	if _, err := New(Options{Precision: "fp8"}); err == nil || !strings.Contains(err.Error(), "fp8") {
		t.Errorf("%v: want an error that names fp8", err)
	}
}
