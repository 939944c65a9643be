package openclip

import (
	"math"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// Resized gives a checkpoint's tensors for a model whose images or texts have another size, as
// open_clip 3.3.0 reads them (resize_pos_embed, resize_text_pos_embed): the grid of the image
// tower's positions by antialiased bicubic interpolation, the class token's kept; the text
// tower's by linear interpolation. What has the model's shape already, or no square grid, stays.
func Resized(o sweep.OpenCLIP, tensors []safetensors.Tensor) []safetensors.Tensor {
	all, prefix := slices.Clone(tensors), textPrefix(o)
	for i, t := range all {
		if len(t.Shape) != 2 || t.Shape[0] < 2 || len(t.Data) != t.Shape[0]*t.Shape[1] {
			continue
		}
		switch nameOf(t.Name, prefix) {
		case "visual.positional_embedding":
			all[i] = resizedGrid(t, o.Vision.Grid())
		case prefix + "positional_embedding":
			if n := o.Text.ContextLength; n != t.Shape[0] {
				all[i] = rowsOf(t, taps(t.Shape[0], n, linear), 1)
			}
		}
	}
	return all
}

// resizedGrid resizes all positions but the first to a square of side x side.
func resizedGrid(t safetensors.Tensor, side int) safetensors.Tensor {
	was := int(math.Round(math.Sqrt(float64(t.Shape[0] - 1))))
	if was*was != t.Shape[0]-1 || was == side {
		return t
	}
	width, by := t.Shape[1], taps(was, side, bicubic)
	grid := safetensors.Tensor{Shape: []int{was * was, width}, Data: t.Data[width:]}
	across := rowsOf(grid, by, 1)    // [was, side, width]
	down := rowsOf(across, by, side) // [side, side, width]
	data := append(slices.Clone(t.Data[:width]), down.Data...)
	return safetensors.Tensor{Name: t.Name, Shape: []int{1 + side*side, width}, Data: data}
}

// rowsOf interpolates runs of rows of a matrix, as many as the taps are made for, each step rows
// apart.
func rowsOf(t safetensors.Tensor, by [][]float64, step int) safetensors.Tensor {
	width, was := t.Shape[1], len(by[0])
	runs := t.Shape[0] / (was * step)
	out := safetensors.Tensor{Name: t.Name, Shape: []int{runs * len(by) * step, width}, Data: make([]float32, runs*len(by)*step*width)}
	for run := range runs {
		for i, weights := range by {
			for within := range step * width {
				sum := 0.0
				for j, w := range weights {
					sum += w * float64(t.Data[(run*was+j)*step*width+within])
				}
				out.Data[(run*len(by)+i)*step*width+within] = float32(sum)
			}
		}
	}
	return out
}

// taps are the weights [to, from] of an interpolation, centres aligned as PyTorch does with
// align_corners false.
func taps(from, to int, kernel func(weights []float64, centre, scale float64)) [][]float64 {
	scale := float64(from) / float64(to)
	all := make([][]float64, to)
	for i := range all {
		all[i] = make([]float64, from)
		kernel(all[i], (float64(i)+0.5)*scale-0.5, scale)
	}
	return all
}

// linear weighs the two positions beside the centre; at the ends there is one.
func linear(weights []float64, centre, _ float64) {
	centre = max(centre, 0)
	low := int(centre)
	weights[low] += 1 - (centre - float64(low))
	weights[min(low+1, len(weights)-1)] += centre - float64(low)
}

// bicubic weighs by the cubic convolution of Keys 1981 with a = -1/2, which is as wide as the
// scale where there is less to see than there was; weights of what lies outside go to the rest.
func bicubic(weights []float64, centre, scale float64) {
	stretch, sum := max(scale, 1), 0.0
	for j := range weights {
		weights[j] = keys(math.Abs(float64(j)-centre) / stretch)
		sum += weights[j]
	}
	for j := range weights {
		weights[j] /= sum
	}
}

// keys is Keys' kernel, equations 4 and 5, at a distance of 0 or more.
func keys(x float64) float64 {
	const a = -0.5
	switch {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return a * (((x-5)*x+8)*x - 4)
	}
	return 0
}
