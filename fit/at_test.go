package fit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// ladder is a grid of N and D whose loss follows a law closely, so that all of its coefficients
// are determined.
func ladder(law string) []Point {
	var points []Point
	for i := range 6 {
		for j := range 6 {
			n, d, u := 1e6*math.Pow(3, float64(i)), 1e8*math.Pow(3, float64(j)), 3e8
			wiggle := 1 + 0.001*math.Sin(float64(7*i+3*j))
			p := Point{ID: fmt.Sprintf("%d-%d", i, j), C: 6 * n * d, N: n, D: d, U: u}
			if law == "data-limited" && d > u {
				d = u * (1 - 15*math.Expm1(-(d/u-1)/15))
			}
			p.E = wiggle * (1.7 + 400/math.Pow(n, 0.34) + 2000/math.Pow(d, 0.37))
			if law == "shifted" {
				p.E = wiggle * (0.5 + 3000*math.Pow(p.C+1e17, -0.2))
			}
			points = append(points, p)
		}
	}
	return points
}

// At agrees with what the fit itself predicts: of runs held out for laws of N and D, of
// amounts of compute for the others.
func TestAtAgreesWithTheFit(t *testing.T) {
	compared := 0
	for _, law := range Laws() {
		o := Options{Law: law, YIs: "loss", Bootstrap: 100, Predict: []float64{1e16, 3e18}}
		if ColumnsOf(law) != "" && law != "isoflop" {
			o.HoldoutAbove, o.Predict = 5e18, nil
		}
		r, err := Fit(context.Background(), ladder(law), o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != "ok" {
			t.Fatalf("%s: refused: %s", law, r.Reason.Text)
		}
		for _, p := range r.Predictions {
			compared++
			agrees(t, law, r, Point{C: p.C}, p.Value)
		}
		if r.Holdout != nil {
			for _, h := range r.Holdout.Points {
				compared++
				agrees(t, law, r, byID(ladder(law), h.ID), h.Value)
			}
		}
	}
	if compared < 14 {
		t.Fatalf("compared only %d values", compared)
	}
}

func agrees(t *testing.T, law string, r Result, p Point, want float64) {
	t.Helper()
	if got, ok := r.At(p); !ok || math.Abs(got-want) > 1e-9*want {
		t.Errorf("%s at %+v: %g, %v; the fit has %g", law, p, got, ok, want)
	}
}

func byID(points []Point, id string) Point {
	for _, p := range points {
		if p.ID == id {
			return p
		}
	}
	return Point{}
}

func TestAtHasNoAnswer(t *testing.T) {
	power := Result{Status: "ok", Law: "power", Coefficients: []Coefficient{{Name: "alpha", Value: -0.1}, {Name: "beta", Value: 2}}}
	for what, no := range map[string]struct {
		r Result
		p Point
	}{
		"a refusal":      {Result{Status: "refused", Law: "power"}, Point{C: 1}},
		"no compute":     {power, Point{}},
		"no N":           {Result{Status: "ok", Law: "chinchilla", Coefficients: []Coefficient{{Name: "A", Value: 1}, {Name: "alpha", Value: 0.3}}}, Point{D: 1}},
		"an unknown law": {Result{Status: "ok", Law: "by eye"}, Point{C: 1}},
	} {
		if e, ok := no.r.At(no.p); ok {
			t.Errorf("%s: %g", what, e)
		}
	}
}

// The parabolas that are drawn are those that the law rests on.
func TestProfilesAreTheFits(t *testing.T) {
	var points []Point
	for i, c := range []float64{1e16, 1e17, 1e18, 1e19} {
		for k := -2; k <= 2; k++ {
			n := 1e6 * math.Pow(10, 0.5*float64(i)) * math.Pow(2, float64(k))
			points = append(points, Point{ID: fmt.Sprintf("%d.%d", i, k), C: c, N: n, D: c / (6 * n), E: 3 * math.Pow(0.9, float64(i)) * (1 + 0.02*float64(k*k))})
		}
	}
	points = append(points, Point{ID: "alone", C: 1e21, N: 1e9, D: 1e11, E: 1.5})
	r, err := Fit(context.Background(), points, Options{Law: "isoflop", YIs: "loss", Bootstrap: 100})
	if err != nil || r.Status != "ok" {
		t.Fatalf("%v, %+v", err, r)
	}
	profiles := Profiles(points)
	if len(profiles) != 5 || profiles[4].Reason == "" || len(profiles[4].Points) != 1 {
		t.Fatalf("%+v", profiles)
	}
	for i, p := range profiles[:4] {
		best := r.Frontier[i]
		if p.Reason != "" || math.Abs(p.Best.N/best.N-1) > 1e-12 || math.Abs(p.Best.E/best.E-1) > 1e-12 || len(p.Points) != 5 {
			t.Errorf("%+v, the fit has %+v", p, best)
		}
		if e := p.At(p.Best.N); math.Abs(e/best.E-1) > 1e-9 {
			t.Errorf("the parabola of %g is %g at its bottom, %g", p.Best.C, e, best.E)
		}
	}
}

// Labels stay with their points; a label that is no column is an error like any other.
func TestLabelsAreCarried(t *testing.T) {
	const text = "c,e,model,keep\n1,.9,a,y\n2,.8,b,n\n3,.7, c ,y\n"
	o := CSVOptions{X: "c", Y: "e", Labels: []string{"model"}, Where: map[string]string{"keep": "y"}}
	groups, err := ReadCSV(strings.NewReader(text), o)
	if err != nil || len(groups) != 1 || len(groups[0].Points) != 2 {
		t.Fatalf("%v, %+v", err, groups)
	}
	if l := groups[0].Labels; len(l) != 2 || l[0]["model"] != "a" || l[1]["model"] != "c" {
		t.Errorf("%v", l)
	}
	o.Labels = []string{"modell"}
	if _, err := ReadCSV(strings.NewReader(text), o); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), `"modell"`) {
		t.Errorf("%v", err)
	}
}
