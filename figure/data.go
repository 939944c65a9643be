package figure

import (
	"encoding/csv"
	"fmt"
	"io"
)

// CSV writes what is drawn, a row a mark, with every digit. Numbers that a kind of layer does
// not use are empty.
func (f Figure) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"layer", "kind", "id", "x", "y", "low", "high", "label"}); err != nil {
		return fmt.Errorf("write the figure's data: %w", err)
	}
	for _, l := range f.Layers {
		for _, m := range l.Marks {
			if err := out.Write(f.row(l, m)); err != nil {
				return fmt.Errorf("write the figure's data: %w", err)
			}
		}
	}
	out.Flush()
	return out.Error()
}

func (f Figure) row(l Layer, m Mark) []string {
	x, y, low, high := full(m.X), full(m.Y), "", ""
	switch l.Kind {
	case Band, Miss:
		y, low, high = "", full(m.Low), full(m.High)
	case Rule:
		x = ""
	case Cells:
		x, y = category(f.X, m.X), category(f.Y, m.Y)
	}
	return []string{l.Name, string(l.Kind), m.ID, x, y, low, high, m.Label}
}

func category(a Axis, v float64) string {
	if i := int(v); i >= 0 && i < len(a.Categories) {
		return a.Categories[i]
	}
	return full(v)
}
