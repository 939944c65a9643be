package openclip

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// Positions are resized as open_clip's own functions did it (testdata/make_goldens.py).
func TestResizedPositions(t *testing.T) {
	text, err := os.ReadFile("testdata/positions.json")
	if err != nil {
		t.Fatal(err)
	}
	var goldens []struct {
		Kind     string
		Was, Now int
		Values   []float64
	}
	if err := json.Unmarshal(text, &goldens); err != nil || len(goldens) != 6 {
		t.Fatalf("%d goldens, %v", len(goldens), err)
	}
	const width = 3
	for _, g := range goldens {
		var o sweep.OpenCLIP
		o.Vision.PatchSize, o.Vision.ImageSize, o.Text.ContextLength = 1, g.Now, g.Now
		name, rows := "module.visual.positional_embedding", 1+g.Was*g.Was
		if g.Kind == "text" {
			name, rows = "positional_embedding", g.Was
		}
		in := safetensors.Tensor{Name: name, Shape: []int{rows, width}, Data: drawn(fmt.Sprintf("%s %d", g.Kind, g.Was), rows*width)}
		got := Resized(o, []safetensors.Tensor{in})[0]
		if len(got.Data) != len(g.Values) || got.Name != name || got.Shape[0]*width != len(g.Values) {
			t.Fatalf("%s %d to %d: %s %v, want %d numbers", g.Kind, g.Was, g.Now, got.Name, got.Shape, len(g.Values))
		}
		for i, want := range g.Values {
			if math.Abs(float64(got.Data[i])-want) > 1e-6 {
				t.Fatalf("%s %d to %d: number %d is %g, in open_clip %g", g.Kind, g.Was, g.Now, i, got.Data[i], want)
			}
		}
	}
}

// What has the model's size, and what is no grid, stays as it is.
func TestPositionsThatStay(t *testing.T) {
	var o sweep.OpenCLIP
	o.Vision.PatchSize, o.Vision.ImageSize, o.Text.ContextLength = 1, 2, 3
	all := []safetensors.Tensor{
		{Name: "visual.positional_embedding", Shape: []int{5, 1}, Data: make([]float32, 5)},
		{Name: "visual.positional_embedding", Shape: []int{7, 1}, Data: make([]float32, 7)},
		{Name: "positional_embedding", Shape: []int{3, 1}, Data: make([]float32, 3)},
		{Name: "visual.proj", Shape: []int{10, 1}, Data: make([]float32, 10)},
	}
	if got := Resized(o, all); !reflect.DeepEqual(got, all) {
		t.Errorf("%v", got)
	}
}
