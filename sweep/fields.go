package sweep

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// kind is how a field's value is read and compared.
type kind int

const (
	kindName   kind = iota // string
	kindCount              // int64; K, M, B are powers of 1000
	kindReal               // float64
	kindWarmup             // int64 steps, or a string such as "5%"
	kindFlag               // bool
)

// field is one thing that a grid can vary or a recipe can set.
type field struct {
	name     string
	kind     kind
	min, max float64  // of numbers, inclusive
	names    []string // of strings, when only some are allowed
	recipe   bool
}

// What is done to the samples. A run that does the usual does not name it, so that its id is that
// of older runs: shuffled; and icons are shifted, images of files cropped.
const (
	defaultOrder = "shuffled"
	augmentShift = "shift"
	augmentCrop  = "crop"
	augmentNone  = "none"
)

// Precisions of the arithmetic: PyTorch's float32, the same with products in TensorFloat-32, and
// open_clip's bfloat16 with float32 weights.
const (
	PrecisionFP32 = "fp32"
	PrecisionTF32 = "tf32"
	PrecisionBF16 = "amp_bf16"
)

// Devices that a run can ask for: whatever there is (a GPU where there is one that is free), the
// CPU, or a GPU and nothing else.
const (
	DeviceAuto = "auto"
	DeviceCPU  = "cpu"
	DeviceCUDA = "cuda"
)

// maxSamples is beyond what anyone trains on; a million cells of it still sum up in an int64.
const maxSamples = 1e12

var fields = []field{
	{name: "model", kind: kindName},
	{name: "data", kind: kindName},
	{name: "samples_seen", kind: kindCount, min: 1, max: maxSamples},
	{name: "seed", kind: kindCount, min: 0, max: maxCount},
	{name: "batch_size", kind: kindCount, min: 1, max: 1 << 24, recipe: true},
	{name: "learning_rate", kind: kindReal, min: math.SmallestNonzeroFloat64, max: math.MaxFloat64, recipe: true},
	{name: "warmup", kind: kindWarmup, min: 0, max: maxCount, recipe: true},
	{name: "weight_decay", kind: kindReal, min: 0, max: 1e6, recipe: true},
	{name: "beta1", kind: kindReal, min: 0, max: 1 - 1e-9, recipe: true},
	{name: "beta2", kind: kindReal, min: 0, max: 1 - 1e-9, recipe: true},
	{name: "eps", kind: kindReal, min: 1e-30, max: 1, recipe: true},
	{name: "schedule", kind: kindName, names: []string{"cosine", "constant"}, recipe: true},
	{name: "precision", kind: kindName, names: []string{PrecisionFP32, PrecisionTF32, PrecisionBF16, "amp"}, recipe: true},
	{name: "order", kind: kindName, names: []string{defaultOrder, "sequential"}, recipe: true},
	{name: "augment", kind: kindName, names: []string{augmentShift, augmentCrop, augmentNone}, recipe: true},
	{name: "accum_freq", kind: kindCount, min: 1, max: 1 << 16, recipe: true},
	{name: "grad_checkpointing", kind: kindFlag, recipe: true},
	{name: "device", kind: kindName, names: []string{DeviceAuto, DeviceCPU, DeviceCUDA}, recipe: true},
	{name: "devices", kind: kindCount, min: 1, max: 64, recipe: true},
}

func fieldNames(recipeOnly bool) []string {
	var names []string
	for _, f := range fields {
		if f.recipe || !recipeOnly {
			names = append(names, f.name)
		}
	}
	return names
}

func lookupField(name string) (field, bool) {
	return find(fields, func(f field) bool { return f.name == name })
}

// parse reads a value as text and gives it in the field's Go type.
func (f field) parse(text string) (any, error) {
	switch f.kind {
	case kindCount:
		n, err := parseCount(text)
		if err != nil {
			return nil, err
		}
		return n, f.inRange(float64(n))
	case kindReal:
		x, err := parseReal(text)
		if err != nil {
			return nil, err
		}
		return x, f.inRange(x)
	case kindWarmup:
		x, err := parseWarmup(text)
		if n, ok := x.(int64); ok {
			return x, f.inRange(float64(n))
		}
		return x, err
	case kindFlag:
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
		return text == "true", nil
	}
	if len(f.names) > 0 && !slices.Contains(f.names, text) {
		return nil, fmt.Errorf("%q is none of %s%s", text, strings.Join(f.names, ", "), didYouMean(text, f.names))
	}
	return text, nil
}

func (f field) inRange(x float64) error { return inRange(x, f.min, f.max) }

// inRange wants a number between two; above the smallest that there is means: more than 0.
func inRange(x, low, high float64) error {
	switch {
	case x >= low && x <= high:
		return nil
	case low == math.SmallestNonzeroFloat64 && x < low:
		return fmt.Errorf("%g is not more than 0", x)
	}
	return fmt.Errorf("%g is outside %g to %g", x, low, high)
}
