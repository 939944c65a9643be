package sweep

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

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
	case bool:
		text = strconv.FormatBool(v)
	default:
		return nil, fmt.Errorf("%w: %s: %v is neither a name, a number, nor true or false", ErrBadInput, name, value)
	}
	typed, err := f.parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBadInput, name, err)
	}
	return typed, nil
}
