package openclip

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/bpe"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

func fast(t testing.TB, threads int) op.Device {
	t.Helper()
	d, err := cpu.New(cpu.Options{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// The layout has the parameters that the plan counts.
func TestParametersAreThoseOfThePlan(t *testing.T) {
	for _, m := range sweep.Models() {
		if m.OpenCLIP != nil {
			if y := newLayout(*m.OpenCLIP); int64(y.Size()) != m.Params() {
				t.Errorf("%s: %d parameters, the plan counts %d", m.Name, y.Size(), m.Params())
			}
		}
	}
	for _, name := range goldenNames {
		config, _ := readGolden(t, name)
		if y := newLayout(config); int64(y.Size()) != (sweep.Model{OpenCLIP: &config}).Params() {
			t.Errorf("%s: %d parameters, the plan counts %d", name, y.Size(), (sweep.Model{OpenCLIP: &config}).Params())
		}
	}
}

// Ten steps give the same bits on one, two and three threads.
func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	config, _ := readGolden(t, "odd")
	images, ids := drawnBatch("odd", config)
	var first []safetensors.Tensor
	for threads := 1; threads <= 3; threads++ {
		m := goldenModel(t, config, fast(t, threads), true)
		tenSteps(m, images, ids)
		weights, err := m.Weights()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = weights
		}
		for i := range weights {
			if !slices.Equal(weights[i].Data, first[i].Data) {
				t.Fatalf("%s differs on %d threads", weights[i].Name, threads)
			}
		}
	}
}

func TestAStepAllocatesNothing(t *testing.T) {
	config, _ := readGolden(t, "tiny")
	m := goldenModel(t, config, fast(t, 2), true)
	images, ids := drawnBatch("tiny", config)
	step := int64(0)
	one := func() {
		m.Step(images, ids, goldenBatch)
		step++
		s := recipe
		s.Step = step
		m.Update(s)
		if _, _, err := m.Loss(); err != nil {
			t.Fatal(err)
		}
	}
	one() // devices may allocate once
	if n := testing.AllocsPerRun(5, one); n != 0 {
		t.Errorf("%g allocations a step", n)
	}
}

// A model that only embeds, whose blocks work in place, gives the bits of one that trains.
func TestEmbeddingInPlace(t *testing.T) {
	config, _ := readGolden(t, "tiny")
	images, ids := drawnBatch("tiny", config)
	var got [2][2][]float32
	for i, training := range []bool{true, false} {
		m := goldenModel(t, config, fast(t, 1), training)
		got[i][0], got[i][1] = make([]float32, goldenBatch*config.EmbedDim), make([]float32, goldenBatch*config.EmbedDim)
		if err := errors.Join(m.EmbedImages(got[i][0], images, goldenBatch), m.EmbedTexts(got[i][1], ids, goldenBatch)); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got[0][0], got[1][0]) || !slices.Equal(got[0][1], got[1][1]) {
		t.Error("the embeddings differ")
	}
}

func TestWeightsByOtherNames(t *testing.T) {
	for _, name := range []string{"odd", "siglip"} {
		config, _ := readGolden(t, name)
		want, err := pack(config, drawnWeights(config))
		if err != nil {
			t.Fatal(err)
		}
		var other []safetensors.Tensor
		for _, x := range drawnWeights(config) {
			switch inner, custom := strings.CutPrefix(x.Name, customText); {
			case custom:
				x.Name = inner
			case !strings.HasPrefix(x.Name, "visual.") && !strings.HasPrefix(x.Name, "logit_"):
				x.Name = customText + x.Name
			}
			x.Name = "module." + x.Name
			if x.Name == "module.logit_scale" {
				x.Shape = []int{1}
			}
			other = append(other, x)
		}
		other = append(other, safetensors.Tensor{Name: "module.attn_mask", Shape: []int{9, 9}})
		if got, err := pack(config, other); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWeightsThatDoNotFit(t *testing.T) {
	config, _ := readGolden(t, "odd")
	for name, change := range map[string]func([]safetensors.Tensor) []safetensors.Tensor{
		"has no tensor": func(all []safetensors.Tensor) []safetensors.Tensor { return all[1:] },
		"has a tensor visual.more": func(all []safetensors.Tensor) []safetensors.Tensor {
			return append(all, safetensors.Tensor{Name: "visual.more"})
		},
		"twice": func(all []safetensors.Tensor) []safetensors.Tensor { return append(all, all[3]) },
		"has shape": func(all []safetensors.Tensor) []safetensors.Tensor {
			all[1].Shape = []int{all[1].Shape[1], all[1].Shape[0]}
			return all
		},
	} {
		err := Check(config, change(drawnWeights(config)))
		if !errors.Is(err, sweep.ErrBadInput) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(sweep.OpenCLIP{Vision: sweep.VisionTower{Channels: 1}}, plain.New[float32](), dual.Use{Batch: 1}); !errors.Is(err, sweep.ErrUnsupported) {
		t.Error(err)
	}
}

// First weights depend on the seed, and are as large as open_clip's.
func TestFirstWeights(t *testing.T) {
	m, _ := sweep.LookupModel("tiny")
	y := newLayout(*m.OpenCLIP)
	a, b, other := y.Draw(random(1)), y.Draw(random(1)), y.Draw(random(2))
	if !slices.Equal(a, b) || slices.Equal(a, other) {
		t.Error("the seed does not decide the weights")
	}
	for name, want := range map[string]float64{
		"token_embedding.weight": 0.02 * 0.02, "visual.proj": 1.0 / 64, "visual.conv1.weight": 1.0 / 192 / 3,
		"transformer.resblocks.1.mlp.c_proj.weight": 1.0 / 64 / 4, "visual.transformer.resblocks.0.attn.in_proj_weight": 1.5 / 64 / 3,
		"visual.ln_post.weight": 1, "transformer.resblocks.0.attn.out_proj.bias": 0,
	} {
		var square float64
		x := y.Part(a, name)
		for _, v := range x {
			square += float64(v) * float64(v) / float64(len(x))
		}
		if square < 0.9*want || square > 1.1*want {
			t.Errorf("%s: mean square %g, open_clip's is %g", name, square, want)
		}
	}
}

func TestFoldedTexts(t *testing.T) {
	whole, err := NewTexts(sweep.TextTower{VocabSize: bpe.VocabSize})
	if err != nil {
		t.Fatal(err)
	}
	small, _ := NewTexts(sweep.TextTower{VocabSize: 512})
	for _, text := range []string{"a cat!", "", "one <end_of_text> two <start_of_text> three", strings.Repeat("word ", 30), "! ! !"} {
		a, b := make([]int32, 16), make([]int32, 16)
		whole.Tokens(a, text)
		small.Tokens(b, text)
		end := 15
		for a[end] != bpe.End {
			end--
		}
		for i, id := range a {
			want := 1 + id%509
			switch {
			case i > end:
				want = 0
			case id == bpe.Start:
				want = 510
			case id == bpe.End:
				want = 511
			}
			if b[i] != want {
				t.Errorf("%q: %v folded is %v", text, a, b)
				break
			}
		}
	}
}

// BenchmarkStep takes whole steps on one thread: tiny, and wider models of four layers.
func BenchmarkStep(b *testing.B) {
	for _, c := range [][2]int{{64, 64}, {64, 256}, {256, 64}, {512, 64}} {
		b.Run(fmt.Sprintf("w%d/%d", c[0], c[1]), func(b *testing.B) { benchmarkStep(b, c[0], c[1]) })
	}
}

func benchmarkStep(b *testing.B, width, batch int) {
	m, _ := sweep.LookupModel("tiny")
	o := *m.OpenCLIP
	if width > o.Text.Width {
		o.EmbedDim, o.Vision.Width, o.Text.Width = width, width, width
		o.Vision.HeadWidth, o.Text.Heads, o.Vision.Layers, o.Text.Layers = 64, width/64, 4, 4
	}
	model, err := New(o, fast(b, 1), dual.Use{Batch: batch, Train: true})
	if err != nil {
		b.Fatal(err)
	}
	model.Draw(1)
	images, ids := drawn("images", batch*Channels*32*32), make([]int32, batch*16)
	for i, u := range drawn("tokens", len(ids)) {
		ids[i] = int32((u + 1) * 250)
	}
	b.ReportAllocs()
	for step := int64(1); b.Loop(); step++ {
		model.Step(images, ids, batch)
		model.Update(op.AdamW{Rate: 1e-4, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Decay: 0.1, Step: step})
		if _, _, err := model.Loss(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch)*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
}
