package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// ladder is runs of two models whose errors lie on E = 2 C^-0.2 exactly.
func ladder() []sweep.ScoredRun {
	var runs []sweep.ScoredRun
	for i := range 12 {
		c := math.Pow(10, 2+float64(i)/4)
		r := scored(fmt.Sprintf("r%02d", i), fmt.Sprint("m", i%2), "d", 1, 0, 2*math.Pow(c, -0.2))
		r.GMACsTotal, r.GMACsPerSample, r.ActualSamplesSeen = c, 1e-3, int64(1000*c)
		runs = append(runs, r)
	}
	return runs
}

func answer(t *testing.T, a Ask) []fit.Record {
	t.Helper()
	a.Metric, a.Law = "easy/top1_error", "power"
	if a.Rule == "" {
		a.Rule = "all"
	}
	records, err := a.Fit(context.Background(), "v", "s", ladder())
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// alpha of the first answer.
func alpha(t *testing.T, records []fit.Record) float64 {
	t.Helper()
	if r := records[0].Result; r.Status == "ok" {
		return r.Coefficients[0].Value
	}
	t.Fatalf("refused: %+v", records[0].Result.Reason)
	return 0
}

// A unit moves beta and the convention that goes with it, never alpha.
func TestUnits(t *testing.T) {
	base := answer(t, Ask{})
	for unit, factor := range map[Unit]float64{FLOP: 6e9} {
		got := answer(t, Ask{Unit: unit})
		if a, b := alpha(t, base), alpha(t, got); math.Abs(a-b) > 1e-12 {
			t.Errorf("%s: alpha %g, in GMACs %g", unit, b, a)
		}
		beta, was := got[0].Result.Coefficients[1].Value, base[0].Result.Coefficients[1].Value
		if want := was * math.Pow(factor, 0.2); math.Abs(beta/want-1) > 1e-9 {
			t.Errorf("%s: beta %g, want %g", unit, beta, want)
		}
		if got[0].Options.Convention == sweep.ComputeConvention {
			t.Errorf("%s: the convention is still that of GMACs", unit)
		}
	}
	per := answer(t, Ask{FitAsk: sweep.FitAsk{GroupBy: "model"}, Unit: Samples})
	if len(per) != 2 || per[0].Inputs[0].C != per[0].Inputs[0].D || per[0].Options.Convention != "samples seen" {
		t.Errorf("%+v", per[0].Inputs[0])
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	for want, a := range map[string]Ask{
		"group by model":        {Unit: Samples},
		"error up to -1":        {Cut: Cut{ErrorUpTo: -1}},
		"compute from NaN":      {Cut: Cut{ComputeFrom: math.NaN()}},
		`group by "colour": it`: {FitAsk: sweep.FitAsk{GroupBy: "colour"}},
	} {
		_, err := a.Fit(context.Background(), "v", "s", ladder())
		if !errors.Is(err, sweep.ErrBadInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", a, err, want)
		}
	}
	if _, err := UnitNamed("parsecs"); !errors.Is(err, sweep.ErrBadInput) {
		t.Error(err)
	}
}

// What is cut stays on the record with its reason.
func TestCut(t *testing.T) {
	r := answer(t, Ask{Cut: Cut{ComputeFrom: 1000, ErrorUpTo: 0.45}})[0]
	if r.Result.NPoints >= 12 || len(r.Inputs) != 12 {
		t.Fatalf("%d points of %d inputs", r.Result.NPoints, len(r.Inputs))
	}
	reasons := map[string]int{}
	for _, x := range r.Result.Excluded {
		reasons[x.Reason[:min(30, len(x.Reason))]]++
	}
	if reasons["left out as asked: its compute"] != 4 || reasons["left out as asked: its error i"] == 0 {
		t.Errorf("%v", reasons)
	}
}
