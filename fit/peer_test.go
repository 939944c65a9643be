package fit

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
)

// peerProblem is a law that numpy and scipy fitted (testdata/make_goldens.py).
type peerProblem struct {
	Law, On, Rule string
	Bins          int
	Points        []Point
	Coefficients  map[string]float64
	Objective     float64
	Used          int
}

func peerProblems(t *testing.T) []peerProblem {
	t.Helper()
	text, err := os.ReadFile("testdata/goldens.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Problems []peerProblem }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Problems {
		for i := range p.Points {
			p.Points[i].ID = fmt.Sprintf("p%02d", i)
		}
	}
	return file.Problems
}

// Every law, rule and loss agrees with an independent implementation to 9 digits, and is never
// worse in the objective.
func TestLawsAgreeWithScipy(t *testing.T) {
	compared := map[string]int{}
	for i, p := range peerProblems(t) {
		name := fmt.Sprintf("%d %s on %s by %s", i, p.Law, p.On, p.Rule)
		e := newEstimate(p.Points, Options{Law: p.Law, On: p.On, Rule: p.Rule, Bins: p.Bins, Pad: DefaultPad, YIs: "loss"}.Defaults())
		if reason := e.fit(); reason != nil {
			t.Errorf("%s: refused: %s", name, reason.Text)
			continue
		}
		for k, v := range e.law.coefficients(e.theta) {
			within(t, name+" "+e.law.names()[k], v/p.Coefficients[e.law.names()[k]], 1, 1e-9)
			compared[p.Law+" "+p.On+" "+p.Rule]++
		}
		if p.Objective > 0 && !(e.objective <= p.Objective*(1+1e-9)) {
			t.Errorf("%s: objective %.15g, scipy's is %.15g", name, e.objective, p.Objective)
		}
		if p.Used > 0 && len(e.taken) != p.Used {
			t.Errorf("%s: %d points, numpy took %d", name, len(e.taken), p.Used)
		}
	}
	if len(compared) != 12 {
		t.Errorf("compared %v, want 12 kinds of problem", compared)
	}
}

func chinchillaPoints(t testing.TB) []Point {
	t.Helper()
	points, err := ChinchillaPoints()
	if err != nil {
		t.Fatal(err)
	}
	return points
}

// The optimum of Chinchilla's approach 3 as scipy finds it from 4,500 starts; Besiroglu et al.
// 2024 print 477.84, 2143.86, 1.81724, 0.34731, 0.36718.
func TestChinchillaOptimum(t *testing.T) {
	points := chinchillaPoints(t)
	if len(points) != 240 {
		t.Fatalf("%d points, want 240", len(points))
	}
	r, err := Fit(context.Background(), points, Options{Law: "chinchilla", YIs: "loss", Bootstrap: 100})
	if err != nil || r.Status != "ok" {
		t.Fatalf("%v %+v", err, r.Reason)
	}
	if r.Starts.Count != 4500 || r.Starts.Agree < 500 {
		t.Errorf("starts: %+v", r.Starts)
	}
	if r.Objective > 0.0010182740179 {
		t.Errorf("objective %.16g", r.Objective)
	}
	for i, want := range []float64{477.82587, 2143.41736, 1.8172181, 0.3473105, 0.3671724} {
		within(t, r.Coefficients[i].Name, r.Coefficients[i].Value/want, 1, 1e-6)
	}
	for _, p := range points[:50] {
		want := 1.8172181 + 477.82587/math.Pow(p.N, 0.3473105) + 2143.41736/math.Pow(p.D, 0.3671724)
		got := r.Coefficients[2].Value + r.Coefficients[0].Value/math.Pow(p.N, r.Coefficients[3].Value) + r.Coefficients[1].Value/math.Pow(p.D, r.Coefficients[4].Value)
		within(t, "prediction", got, want, 1e-6)
	}
}
