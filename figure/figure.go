// Package figure describes a figure of a scaling study once and draws it as SVG, PNG and PDF:
// laws with their bands, learning curves, residuals, effective robustness, isoFLOP profiles,
// iso-data curves and heat maps. It knows fits and numbers, no database and no clock: the same
// description gives the same bytes.
package figure

import "math"

// Figure is what to draw, in the units of its data. How large and in which colours is asked
// when it is drawn (see Look).
type Figure struct {
	Kind     string // law, curves, ...: of the SVG's data-figure and of the names in LaTeX
	Title    string
	Subtitle string
	X, Y     Axis
	Layers   []Layer // the first is the lowest
	Legend   []Block
	Corner   []string // lines in the corner that covers the fewest marks
	Refusal  string   // written where the line would be
	Notes    []string // under the plot
}

// Axis is one direction of the plot. Labels may hold superscripts: "10^{3}".
type Axis struct {
	Label      string
	Scale      Scale
	Percent    bool     // fractions are labelled as percentages
	Min, Max   float64  // of the data; both 0: found from the layers
	Categories []string // names of 0, 1, 2, ... in place of numbers
}

// Kind is what a layer draws of its marks.
type Kind string

// The kinds of layers.
const (
	Band   Kind = "band"   // between Low and High along X
	Line   Kind = "line"   // through X, Y
	Stair  Kind = "stair"  // through X, Y in steps: level until the next X
	Rule   Kind = "rule"   // level across the plot at the first mark's Y, with the layer's name
	Miss   Kind = "miss"   // upright from Low to High at X, with the mark's Label
	Points Kind = "points" // markers at X, Y
	Cross  Kind = "cross"  // small crosses at X, Y
	Cloud  Kind = "cloud"  // dots at X, Y, all alike and without a name each
	Cells  Kind = "cells"  // squares around X, Y, which count categories, filled by Low in [0, 1]
)

// Layer is marks that are drawn alike.
type Layer struct {
	Kind  Kind
	Name  string
	Ink   Ink
	Dash  bool
	Thin  bool
	Marks []Mark
	Data  []Datum // attributes of the SVG group
}

// Mark is one point of a layer. Which numbers count depends on the layer's kind; those that
// cannot be drawn (not finite, or not positive on a log axis) are left out and counted in a note.
type Mark struct {
	ID        string
	X, Y      float64
	Low, High float64
	Label     string // beside the mark, or in the cell
	Ink       Ink    // of a marker
	Shape     Shape
	Size      float64 // radius of a marker in pixels
	Ring      bool    // outlined in the colour of text
	Hollow    bool
	Hint      string // shown on hovering
	Data      []Datum
}

// Datum is a name and a value that programs read: an attribute data-NAME of the SVG.
type Datum struct{ Name, Value string }

// Block is a part of the legend.
type Block struct {
	Title string
	Keys  []Key
	Lines []string // small text under the keys
}

// Key is a sample and what it stands for.
type Key struct {
	Kind   Kind
	Ink    Ink
	Dash   bool
	Thin   bool
	Shape  Shape
	Size   float64
	Ring   bool
	Hollow bool
	Text   string
	Data   []Datum // of the marks that it stands for, as they have them
}

// numbers are those of a mark that its kind draws.
func (m Mark) numbers(k Kind) (x, y []float64) {
	switch k {
	case Band, Miss:
		return []float64{m.X}, []float64{m.Low, m.High}
	case Rule:
		return nil, []float64{m.Y}
	case Cells:
		return nil, nil
	}
	return []float64{m.X}, []float64{m.Y}
}

// drawable reports whether the axes have a place for the mark.
func (m Mark) drawable(k Kind, x, y Axis) bool {
	xs, ys := m.numbers(k)
	for _, v := range xs {
		if !x.Scale.shows(v) {
			return false
		}
	}
	for _, v := range ys {
		if !y.Scale.shows(v) {
			return false
		}
	}
	return true
}

// sound is the figure without marks that have no place, and how many those were.
func (f Figure) sound() (Figure, int) {
	lost := 0
	layers := make([]Layer, len(f.Layers))
	for i, l := range f.Layers {
		layers[i] = l
		layers[i].Marks = nil
		for _, m := range l.Marks {
			if !m.drawable(l.Kind, f.X, f.Y) {
				lost++
				continue
			}
			layers[i].Marks = append(layers[i].Marks, m)
		}
	}
	f.Layers = layers
	return f, lost
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
