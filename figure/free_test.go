package figure

import (
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// The numbers of a law stand where no run and no reference level runs through them, though a
// level crosses the corner that they like best.
func TestTheCornerKeepsOffLevels(t *testing.T) {
	in := LawInput{Title: "t", References: []Reference{{Name: "chance", Error: 0.99}, {Name: "1-NN on pixels", Error: 0.34}}}
	for i, e := range []float64{0.9, 0.8, 0.7, 0.62, 0.55, 0.47} {
		in.Runs = append(in.Runs, Run{Point: fit.Point{ID: string(rune('a' + i)), C: float64(int(4) << i), E: e}})
	}
	f := NewLaw(in)
	f.Corner = []string{"E = 1.22 C", "alpha = 0.2133", "beta = 1.22"}
	p := f.plan(Look{Theme: Light(), Width: 960})
	corners := p.cornersFor(longest(f.Corner, normal), 3*(normal+6))
	b := free(append(corners, p.inward(corners)...), p.occupied())
	if b == corners[0] || b.left != corners[0].left || b.top <= p.plot.top {
		t.Errorf("%+v, the corner is %+v", b, corners[0])
	}
	for _, r := range in.References {
		if y := p.at(in.Runs[0].C, r.Error).y; y > b.top && y < b.bottom {
			t.Errorf("%s at %g runs through %+v", r.Name, y, b)
		}
	}
}
