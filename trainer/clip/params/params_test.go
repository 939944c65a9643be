package params

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

// some are tensors of every kind; numbers are drawn in their order: 1, 2, 3, ...
func some() []Tensor {
	n := 0.0
	next := func(*rand.Rand) float64 { n++; return n }
	return []Tensor{
		{Name: "gain", Shape: []int{2}, Draw: next},
		{Name: "matrix", Shape: []int{2, 3}, Decay: true, Draw: next},
		{Name: "across", Shape: []int{3, 2}, Decay: true, Transposed: true, Draw: next},
		{Name: LogitScale, Draw: next},
	}
}

func TestPlaces(t *testing.T) {
	for align, want := range map[int][]float32{
		1: {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 1, 2, 15},
		4: {3, 4, 5, 6, 7, 8, 0, 0, 9, 10, 11, 12, 13, 14, 0, 0, 1, 2, 0, 0, 15, 0, 0, 0},
	} {
		l := NewLayout(some(), align)
		if got := l.Draw(nil); !slices.Equal(got, want) || l.Size() != len(want) || l.Count() != 15 {
			t.Errorf("align %d: %v, size %d, %d parameters", align, got, l.Size(), l.Count())
		}
		if !l.Has("gain") || l.Has("visual") || l.Part(want, "visual") != nil || len(l.Tensors()) != 4 {
			t.Errorf("align %d: %+v", align, l.Tensors())
		}
	}
}

func TestUnpackAndPack(t *testing.T) {
	l := NewLayout(some(), 4)
	flat := l.Draw(nil)
	file := l.Unpack(flat, "x.")
	want := []safetensors.Tensor{
		{Name: "x.gain", Shape: []int{2}, Data: []float32{1, 2}},
		{Name: "x.matrix", Shape: []int{2, 3}, Data: []float32{3, 4, 5, 6, 7, 8}},
		{Name: "x.across", Shape: []int{3, 2}, Data: []float32{9, 12, 10, 13, 11, 14}},
		{Name: "x.logit_scale", Data: []float32{15}},
	}
	if !reflect.DeepEqual(file, want) {
		t.Errorf("%v", file)
	}
	file[3].Shape = []int{1} // as PyTorch may have a scalar
	file = append(file, safetensors.Tensor{Name: "x.more", Data: []float32{1}})
	if got, err := l.Pack(ByName(file), "x."); err != nil || !slices.Equal(got, flat) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestPackRefuses(t *testing.T) {
	for want, change := range map[string]func(*safetensors.Tensor){
		"no tensor v.matrix":                                 func(x *safetensors.Tensor) { x.Name = "matrix" },
		"v.matrix has shape [3 2], the model wants [2 3]":    func(x *safetensors.Tensor) { x.Shape = []int{3, 2} },
		"v.matrix has shape [2 3], the model wants [2 3]":    func(x *safetensors.Tensor) { x.Data = x.Data[1:] },
		"v.matrix has shape [], the model wants [2 3]":       func(x *safetensors.Tensor) { x.Shape = nil },
		"v.matrix has shape [2 3 1], the model wants [2 3]":  func(x *safetensors.Tensor) { x.Shape = []int{2, 3, 1} },
		"v.matrix has shape [1], the model wants [2 3]":      func(x *safetensors.Tensor) { x.Shape, x.Data = []int{1}, x.Data[:1] },
		"v.matrix has shape [2 300], the model wants [2 3]":  func(x *safetensors.Tensor) { x.Shape = []int{2, 300} },
		"v.matrix has shape [-2 -3], the model wants [2 3]":  func(x *safetensors.Tensor) { x.Shape = []int{-2, -3} },
		"v.matrix has shape [2 3 -1], the model wants [2 3]": func(x *safetensors.Tensor) { x.Shape = []int{2, 3, -1} },
	} {
		l := NewLayout(some(), 1)
		file := l.Unpack(l.Draw(nil), "v.")
		change(&file[1])
		if _, err := l.Pack(ByName(file), "v."); !errors.Is(err, sweep.ErrBadInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

// What Weights and Moments give, another state takes; what does not fit changes nothing.
func TestStateGoesThroughTensors(t *testing.T) {
	d := plain.New[float32]()
	a, b := NewState(NewLayout(some(), 4), d, true), NewState(NewLayout(some(), 1), d, true)
	a.Write(a.Draw(nil))
	for i, x := range []op.Floats{a.grads, a.first, a.second} {
		for k := range d.Values(x) {
			d.Values(x)[k] = float32(100*i + k + 1)
		}
	}
	weights, err := a.Weights()
	if err != nil || b.SetWeights(weights) != nil {
		t.Fatal(err)
	}
	moments, err := a.Moments()
	if err != nil || b.SetMoments(moments) != nil {
		t.Fatal(err)
	}
	if b.SetWeights(weights[1:]) == nil || b.SetMoments(moments[:6]) == nil || b.SetMoments(moments[5:]) == nil {
		t.Error("tensors are missing")
	}
	got, _ := b.Weights()
	gotMoments, _ := b.Moments()
	if !reflect.DeepEqual(got, weights) || !reflect.DeepEqual(gotMoments, moments) || gotMoments[0].Name != "m.gain" || gotMoments[4].Name != "v.gain" {
		t.Errorf("%v\n%v", got, gotMoments)
	}
	if scale, err := b.LogitScale(); err != nil || scale != 15 {
		t.Errorf("logit scale %g, %v", scale, err)
	}
	length := d.Floats(1)
	a.ZeroGrads()
	d.Values(a.Grad("gain"))[1], d.Values(a.Grad("matrix"))[0] = 3, 4
	if a.GradNorm(length); d.Values(length)[0] != 5 {
		t.Errorf("length %g", d.Values(length)[0])
	}
}

// With no gradient AdamW only decays: what is said to decay by rate x decay, the rest not at
// all, and the logit scale is clamped.
func TestUpdate(t *testing.T) {
	d := plain.New[float64]()
	s := NewState(NewLayout(some(), 4), d, true)
	s.Write(s.Draw(nil))
	a := op.AdamW{Rate: 0.5, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Decay: 0.5, Step: 1}
	s.SetPace(a)
	s.Update(a, d.Floats(1))
	for name, want := range map[string][]float64{
		"gain": {1, 2}, "matrix": {2.25, 3, 3.75, 4.5, 5.25, 6}, LogitScale: {math.Log(100)},
	} {
		if got := d.Values(s.Param(name)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestAStateThatOnlyEmbedsHasNoGradients(t *testing.T) {
	d := plain.New[float32]()
	s := NewState(NewLayout(some(), 1), d, false)
	if s.Param("gain").None() || !s.Param("no such").None() || !s.Grad("gain").None() {
		t.Error("handles")
	}
}
