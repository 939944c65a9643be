package figure

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// many is a law's figure of n runs, whose best lie on a power law.
func many(t testing.TB, n int) (LawInput, Figure) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	in := LawInput{Title: "many runs", Metric: "error", Unit: "GMACs"}
	for i := range n {
		c := math.Pow(10, 3+4*r.Float64())
		e := min(1, 2*math.Pow(c, -0.15)*math.Exp(math.Abs(r.NormFloat64())/4))
		in.Runs = append(in.Runs, Run{Point: fit.Point{ID: fmt.Sprintf("%032x", r.Uint64()), C: c, E: e}, Model: fmt.Sprint("m", i%6), Data: fmt.Sprint("d", i%3), Samples: float64(1000 * (1 + i%4))})
	}
	in.Laws = []FittedLaw{fitted(t, in.Runs, fit.Options{Rule: "pareto"})}
	return in, NewLaw(in)
}

// Every run is drawn; those that the law rests on have a marker, as have those near the frontier.
func TestManyRunsAreThinned(t *testing.T) {
	in, f := many(t, 5000)
	text := svgOf(t, f, Look{Theme: Both(), Width: 960, Bare: true})
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if zipped.Len() > 100_000 {
		t.Errorf("%d bytes compressed", zipped.Len())
	}
	markers := map[string]bool{}
	for _, e := range elements(t, text) {
		if e.attr["class"] == "point" {
			markers[e.attr["data-id"]] = true
		}
	}
	for _, id := range in.Laws[0].Result.Used {
		if !markers[id] {
			t.Errorf("%s is used and has no marker", id)
		}
	}
	if dots := strings.Count(text, "h0"); dots+len(markers) != 5000 || len(markers) != mostMarkers {
		t.Errorf("%d dots and %d markers of 5000 runs", dots, len(markers))
	}
	if !strings.Contains(strings.Join(f.Notes, "\n"), "are drawn as dots") {
		t.Error("no note says so")
	}
}

// A picture of both themes has the colours of each, and no other.
func TestBothThemes(t *testing.T) {
	text := svgOf(t, examples(t)["law"], Look{Theme: Both(), Width: 960})
	for _, want := range []string{"light-dark(#0072b2,#2075b7)", "light-dark(#ffffff,#14171c)", `data-plot="`, `data-x-axis="log `} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, `="#`) {
		t.Error("a colour is of one theme only")
	}
	if len(text) > 60_000 {
		t.Errorf("%d bytes at 29 runs", len(text))
	}
	if strings.Contains(text, "style=") {
		t.Error("a style attribute, which the pages' policy forbids")
	}
	bare := svgOf(t, examples(t)["law"], Look{Theme: Both(), Width: 960, Bare: true})
	if strings.Contains(bare, ">OpenCLIP on ImageNet</text>") || !strings.Contains(bare, `aria-label="OpenCLIP on ImageNet. `) {
		t.Error("a bare figure has its title in the picture, or no label")
	}
}
