package figure

import (
	"fmt"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// In a page a layer has at most so many markers; no point is lost, and few are left as they are.
func TestSparse(t *testing.T) {
	var runs []Run
	for i := range 2000 {
		runs = append(runs, Run{Point: fit.Point{ID: fmt.Sprint(i), C: float64(1 + i), E: 0.5}, Model: "m", Data: "d"})
	}
	full := NewIsodata(IsodataInput{Runs: runs})
	sparse := full.Sparse()
	count := func(f Figure, k Kind) (n int) {
		for _, l := range f.Layers {
			if l.Kind == k {
				n += len(l.Marks)
			}
		}
		return n
	}
	if n := count(sparse, Points); n > mostMarkers || n < mostMarkers-1 {
		t.Errorf("%d markers", n)
	}
	if got := count(sparse, Points) + count(sparse, Cloud); got != count(full, Points) {
		t.Errorf("%d points of %d", got, count(full, Points))
	}
	if len(sparse.Notes) != len(full.Notes)+1 {
		t.Errorf("%q", sparse.Notes)
	}
	few := NewIsodata(IsodataInput{Runs: runs[:50]})
	if got := few.Sparse(); count(got, Cloud) != 0 || len(got.Notes) != len(few.Notes) {
		t.Error("50 runs became dots")
	}
	if a, b := len(svgOf(t, sparse, lightWide)), len(svgOf(t, full, lightWide)); a > b/2 {
		t.Errorf("%d bytes of %d", a, b)
	}
}
