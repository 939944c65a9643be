package store

import "testing"

// Coefficients in parts are those of the newest fits, the newest first; with All of every fit.
func TestCoefficients(t *testing.T) {
	s, runs := open(t), makeRuns(t, 4)
	create(t, s, "grid", runs, 4, 0)
	for _, r := range []struct {
		id    string
		alpha float64
	}{{"f1", -0.10}, {"f2", -0.12}} {
		must(t, s.AddFit(ctx, fitOf(r.id, "grid", runs, r.alpha)))
	}
	var got []Coefficient
	for p := (Page{Limit: 1}); ; {
		part, err := s.Coefficients(ctx, FitFilter{Sweep: "grid", All: true}, p)
		must(t, err)
		got = append(got, part.Rows...)
		if p.After = part.Next; part.Next == "" {
			break
		}
	}
	equal(t, "coefficients", len(got), 4)
	for i, want := range []struct {
		fit, name string
		newest    bool
	}{{"f2", "beta", true}, {"f2", "alpha", true}, {"f1", "beta", false}, {"f1", "alpha", false}} {
		if got[i].Fit != want.fit || got[i].Name != want.name || got[i].Newest != want.newest {
			t.Errorf("row %d: %+v", i, got[i])
		}
	}
	newest, err := s.Coefficients(ctx, FitFilter{}, Page{})
	must(t, err)
	if len(newest.Rows) != 2 || newest.Rows[1].Value != -0.12 || newest.Rows[1].Lower != -0.12-0.01 {
		t.Errorf("%+v", newest.Rows)
	}
	if _, err := s.Coefficients(ctx, FitFilter{}, Page{After: "!"}); err == nil {
		t.Error("a cursor that is none was taken")
	}
}
