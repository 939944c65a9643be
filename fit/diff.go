package fit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Change is a field of a record that is not the same in two of them: its path in the record's
// JSON, and what stands there. Nil: it is not there.
type Change struct {
	Field string          `json:"field"`
	A     json.RawMessage `json:"a"`
	B     json.RawMessage `json:"b"`
}

// changesBetween compares the JSON of two values, field by field.
func changesBetween(a, b any) ([]Change, error) {
	x, err := tree(a)
	if err != nil {
		return nil, err
	}
	y, err := tree(b)
	if err != nil {
		return nil, err
	}
	return walk("", x, y, []Change{})
}

// tree is the JSON of v with its numbers as written.
func tree(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("compare fits: %w", err)
	}
	var parsed any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return parsed, d.Decode(&parsed)
}

func walk(path string, a, b any, into []Change) ([]Change, error) {
	x, isX := a.(map[string]any)
	y, isY := b.(map[string]any)
	if isX && isY {
		return walkObject(path, x, y, into)
	}
	p, isP := a.([]any)
	q, isQ := b.([]any)
	if isP && isQ {
		return walkList(path, p, q, into)
	}
	if isX || isY || isP || isQ || a != b {
		return note(path, a, b, into)
	}
	return into, nil
}

func walkObject(path string, a, b map[string]any, into []Change) (_ []Change, err error) {
	names := map[string]bool{}
	for _, side := range []map[string]any{a, b} {
		for name := range side {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		below := name
		if path != "" {
			below = path + "." + name
		}
		if into, err = walk(below, a[name], b[name], into); err != nil {
			return nil, err
		}
	}
	return into, nil
}

func walkList(path string, a, b []any, into []Change) (_ []Change, err error) {
	for i := range max(len(a), len(b)) {
		var x, y any
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if into, err = walk(fmt.Sprintf("%s[%d]", path, i), x, y, into); err != nil {
			return nil, err
		}
	}
	return into, nil
}

func note(path string, a, b any, into []Change) ([]Change, error) {
	c := Change{Field: path}
	for _, side := range []struct {
		value any
		into  *json.RawMessage
	}{{a, &c.A}, {b, &c.B}} {
		if side.value == nil {
			continue
		}
		text, err := json.Marshal(side.value)
		if err != nil {
			return nil, fmt.Errorf("compare fits: %w", err)
		}
		*side.into = text
	}
	return append(into, c), nil
}
