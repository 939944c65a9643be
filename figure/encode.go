package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
)

// Run is a trained model with what its marker shows. Empty labels are shown as one of a kind.
type Run struct {
	fit.Point
	Model   string
	Data    string   // data scale
	Samples float64  // seen; 0: not known
	Runs    []string // that the point is of, where it has a name of its own
}

// Encoding is which markers runs have: in the seed paper (Cherti et al. 2023, figure 1) colour
// is the model, shape the data scale, size the samples seen. ByData swaps the first two.
type Encoding struct {
	ByData bool
	// Titles of the legend; empty: Model, Data scale, Samples seen.
	ModelTitle, DataTitle, SamplesTitle string
}

// encoder knows all runs of a figure.
type encoder struct {
	Encoding
	models, data []string
	sizes        []sizeClass
}

// sizeClass is samples seen that are so near that they look alike.
type sizeClass struct{ low, high float64 }

// String is the number of samples, or the range of it in two digits.
func (s sizeClass) String() string {
	if s.low == s.high {
		return counted(s.low, 3)
	}
	low, high := counted(s.low, 2), counted(s.high, 2)
	if low == high {
		return low
	}
	return low + "–" + high
}

// sizeOf is the class of a number of samples.
func (c *encoder) sizeOf(samples float64) int {
	return slices.IndexFunc(c.sizes, func(s sizeClass) bool { return samples >= s.low && samples <= s.high })
}

// oneSize is how far apart samples seen of one class may lie.
const oneSize = 1.25

func newEncoder(e Encoding, all []Run) *encoder {
	c := &encoder{Encoding: e}
	c.ModelTitle, c.DataTitle, c.SamplesTitle = cmp.Or(e.ModelTitle, "Model"), cmp.Or(e.DataTitle, "Data scale"), cmp.Or(e.SamplesTitle, "Samples seen")
	c.models, c.data = inOrder(all, func(r Run) string { return r.Model }, perSample), inOrder(all, func(r Run) string { return r.Data }, func(Run) float64 { return 0 })
	var samples []float64
	for _, r := range all {
		if r.Samples > 0 && finite(r.Samples) {
			samples = append(samples, r.Samples)
		}
	}
	slices.Sort(samples)
	for _, s := range samples {
		if n := len(c.sizes); n > 0 && s <= oneSize*c.sizes[n-1].low {
			c.sizes[n-1].high = s
			continue
		}
		c.sizes = append(c.sizes, sizeClass{s, s})
	}
	return c
}

// perSample orders models by their compute a sample.
func perSample(r Run) float64 {
	if r.Samples > 0 {
		return r.C / r.Samples
	}
	return r.N
}

// inOrder lists the labels of runs: numbers by size, names by weight, then by name.
func inOrder(all []Run, label func(Run) string, weight func(Run) float64) []string {
	least := map[string]float64{}
	for _, r := range all {
		name := label(r)
		if name == "" {
			continue
		}
		if was, ok := least[name]; !ok || weight(r) < was {
			least[name] = weight(r)
		}
	}
	names := make([]string, 0, len(least))
	for name := range least {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(amount(a), amount(b)), cmp.Compare(least[a], least[b]), cmp.Compare(a, b))
	})
	return names
}

// ink is the colour of a run and whether its marker is hollow: beyond the palette it is.
func (c *encoder) ink(r Run) (Ink, bool) {
	i := slices.Index(c.models, r.Model)
	if c.ByData {
		i = slices.Index(c.data, r.Data)
	}
	return inkAt(i)
}

func inkAt(i int) (Ink, bool) {
	if i < 0 {
		return Muted, false
	}
	return Ink(i % 8), i/8%2 == 1
}

func (c *encoder) shape(r Run) Shape {
	i := slices.Index(c.data, r.Data)
	if c.ByData {
		i = slices.Index(c.models, r.Model)
	}
	return Shape(max(i, 0))
}

// Radii of the smallest and the largest marker.
const (
	smallest = 3.6
	biggest  = 7.6
)

func (c *encoder) radius(samples float64) float64 {
	i := c.sizeOf(samples)
	if len(c.sizes) < 2 || i < 0 {
		return (smallest + biggest) / 2
	}
	return smallest + (biggest-smallest)*float64(i)/float64(len(c.sizes)-1)
}

// mark is the marker of a run at its compute and error.
func (c *encoder) mark(r Run) Mark {
	ink, hollow := c.ink(r)
	m := Mark{ID: r.ID, X: r.C, Y: r.E, Ink: ink, Hollow: hollow, Shape: c.shape(r), Size: c.radius(r.Samples)}
	m.Data = []Datum{{"c", full(r.C)}, {"e", full(r.E)}}
	m.Hint = r.ID
	if r.Model != "" {
		m.Data = append(m.Data, Datum{"model", r.Model})
		m.Hint += "\n" + r.Model
	}
	if r.Data != "" {
		m.Data = append(m.Data, Datum{"data", r.Data})
		m.Hint += " · " + Amount(r.Data)
	}
	if r.Samples > 0 {
		m.Data = append(m.Data, Datum{"samples", full(r.Samples)})
		m.Hint += " · " + counted(r.Samples, 3) + " samples"
	}
	if len(r.Runs) > 0 {
		m.Data = append(m.Data, Datum{"runs", strings.Join(r.Runs[:min(len(r.Runs), 3)], " ")})
	}
	m.Hint += fmt.Sprintf("\nC = %.4g, E = %.4g", r.C, r.E)
	return m
}
