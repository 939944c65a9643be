package sweep

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// kind is how a field's value is read and compared.
type kind int

const (
	kindName   kind = iota // string
	kindCount              // int64; K, M, B are powers of 1000
	kindReal               // float64
	kindWarmup             // int64 steps, or a string such as "5%"
)

// field is one thing that a grid can vary or a recipe can set.
type field struct {
	name     string
	kind     kind
	min, max float64  // of numbers, inclusive
	names    []string // of strings, when only some are allowed
	recipe   bool
}

const (
	maxCount = 1 << 53         // what a float64 and so JSON can carry exactly
	ulp      = 1.0 / (1 << 52) // spacing of float64 relative to 1
)

var fields = []field{
	{name: "model", kind: kindName},
	{name: "data", kind: kindName},
	{name: "samples_seen", kind: kindCount, min: 1, max: maxCount},
	{name: "seed", kind: kindCount, min: 0, max: maxCount},
	{name: "batch_size", kind: kindCount, min: 1, max: 1 << 24, recipe: true},
	{name: "learning_rate", kind: kindReal, min: math.SmallestNonzeroFloat64, max: math.MaxFloat64, recipe: true},
	{name: "warmup", kind: kindWarmup, min: 0, max: maxCount, recipe: true},
	{name: "weight_decay", kind: kindReal, min: 0, max: 1e6, recipe: true},
	{name: "beta1", kind: kindReal, min: 0, max: 1 - 1e-9, recipe: true},
	{name: "beta2", kind: kindReal, min: 0, max: 1 - 1e-9, recipe: true},
	{name: "eps", kind: kindReal, min: 1e-30, max: 1, recipe: true},
	{name: "schedule", kind: kindName, names: []string{"cosine", "constant"}, recipe: true},
	{name: "precision", kind: kindName, names: []string{"fp32", "amp_bf16", "amp"}, recipe: true},
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
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%q is not a finite number", text)
		}
		return x + 0, f.inRange(x) // the sum is 0 for -0, which would be another run
	case kindWarmup:
		return f.parseWarmup(text)
	}
	if len(f.names) > 0 && !slices.Contains(f.names, text) {
		return nil, fmt.Errorf("%q is none of %s%s", text, strings.Join(f.names, ", "), didYouMean(text, f.names))
	}
	return text, nil
}

func (f field) inRange(x float64) error {
	if x < f.min || x > f.max {
		return fmt.Errorf("%g is outside %g to %g", x, f.min, f.max)
	}
	return nil
}

func (f field) parseWarmup(text string) (any, error) {
	percent, ok := strings.CutSuffix(text, "%")
	if !ok {
		n, err := parseCount(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither a number of steps nor a share of them such as 5%%", text)
		}
		return n, f.inRange(float64(n))
	}
	x, err := strconv.ParseFloat(percent, 64)
	if err != nil || !(x >= 0 && x <= 100) {
		return nil, fmt.Errorf("%q is not a share between 0%% and 100%%", text)
	}
	return strconv.FormatFloat(x, 'g', -1, 64) + "%", nil
}

// parseCount reads a whole number; K, M and B behind it are powers of 1000.
func parseCount(text string) (int64, error) {
	digits, unit := text, 1.0
	for suffix, factor := range map[string]float64{"K": 1e3, "M": 1e6, "B": 1e9} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			digits, unit = rest, factor
		}
	}
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil && unit == 1 {
		return n, nil
	}
	x, err := strconv.ParseFloat(digits, 64)
	n := math.Round(x * unit)
	if err != nil || math.Abs(n) > maxCount || math.IsNaN(n) {
		return 0, fmt.Errorf("%q is not a whole number (K, M and B stand for powers of 1000)", text)
	}
	if math.Abs(n-x*unit) > ulp*math.Abs(x*unit) {
		return 0, fmt.Errorf("%q does not come to a whole number", text)
	}
	return int64(n), nil
}

// UnmarshalJSON gives every value the type that its field has in Go.
func (v *Values) UnmarshalJSON(text []byte) error {
	var raw map[string]any
	if err := decodeNumbers(text, &raw); err != nil {
		return err
	}
	*v = Values{}
	for name, value := range raw {
		typed, err := typedValue(name, value)
		if err != nil {
			return err
		}
		(*v)[name] = typed
	}
	return nil
}

// UnmarshalJSON gives every value the type that the axis' field has in Go.
func (a *Axis) UnmarshalJSON(text []byte) error {
	var raw struct {
		Field  string `json:"field"`
		Values []any  `json:"values"`
	}
	if err := decodeNumbers(text, &raw); err != nil {
		return err
	}
	a.Field, a.Values = raw.Field, nil
	for _, value := range raw.Values {
		typed, err := typedValue(raw.Field, value)
		if err != nil {
			return err
		}
		a.Values = append(a.Values, typed)
	}
	return nil
}

func decodeNumbers(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

func typedValue(name string, value any) (any, error) {
	f, ok := lookupField(name)
	if !ok {
		return nil, fmt.Errorf("%w: unknown field %q", ErrBadInput, name)
	}
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	default:
		return nil, fmt.Errorf("%w: %s: %v is neither a name nor a number", ErrBadInput, name, value)
	}
	typed, err := f.parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBadInput, name, err)
	}
	return typed, nil
}
