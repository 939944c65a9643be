package cuda

import (
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/optest"
)

// open gives devices on the emulated driver, and the emulation, which the test has for itself.
func open(t *testing.T, o Options, settings ...string) (*emulator.Emulator, func() op.Device) {
	t.Helper()
	e := emulator.Open(t, settings...)
	d, err := native.Load(e.Search())
	must(t, err)
	o.Compiler, err = nvrtc.Load(e.Search(), d.Version())
	must(t, err)
	lt, err := cublaslt.Load(e.Search(), d.Version())
	must(t, err)
	o.Cache = nvrtc.Cache{Folder: t.TempDir()}
	return e, func() op.Device {
		t.Helper()
		o := o
		o.GPU, err = d.Open(0)
		must(t, err)
		o.Products, err = lt.Open(o.GPU, cublaslt.NewChoices("", nil))
		must(t, err)
		device, err := New(o)
		must(t, err)
		return device
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Every operation is what its definition says, in every precision and order of a block's
// threads, and the emulation's checks of every access find nothing.
func TestAgainstTheDefinition(t *testing.T) {
	for _, precision := range []string{sweep.PrecisionFP32, sweep.PrecisionTF32, sweep.PrecisionBF16} {
		for _, order := range []string{"natural", "reversed", "shuffled"} {
			t.Run(precision+" "+order, func(t *testing.T) {
				_, device := open(t, Options{Precision: precision, Strip: 1 << 11}, "order="+order)
				optest.CheckWith(t, optest.Options{
					Rounds: 4, Tolerance: 1e-5, Most: 1 << 11, Heads: []int{16, 33, 64},
					Stored: precision == sweep.PrecisionBF16, TF32: precision != sweep.PrecisionFP32,
				}, device)
			})
		}
	}
}

// Attention at the sizes of open_clip's models: images of ViT-L/14 and B/32, texts, and heads of
// H, g and bigG, which are no powers of two.
func TestAttentionOfOpenCLIP(t *testing.T) {
	shapes := []op.Attention{
		{Batch: 1, Tokens: 77, Heads: 2, Head: 64, Causal: true},
		{Batch: 1, Tokens: 50, Heads: 1, Head: 80},
		{Batch: 1, Tokens: 33, Heads: 1, Head: 88},
		{Batch: 1, Tokens: 17, Heads: 1, Head: 104, Causal: true},
		{Batch: 1, Tokens: 65, Heads: 1, Head: 128, Causal: true},
	}
	for _, precision := range []string{sweep.PrecisionFP32, sweep.PrecisionBF16} {
		t.Run(precision, func(t *testing.T) {
			_, device := open(t, Options{Precision: precision})
			if precision == sweep.PrecisionBF16 { // it takes seconds
				shapes = append(shapes, op.Attention{Batch: 1, Tokens: 257, Heads: 1, Head: 64})
			}
			optest.CheckAttention(t, optest.Options{Tolerance: 1e-5, Stored: precision == sweep.PrecisionBF16}, shapes, device)
		})
	}
}
