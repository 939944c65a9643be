package figure

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// published are the 29 runs of the seed study on ImageNet, as the command line reads them.
func published(t testing.TB) []Run {
	t.Helper()
	file, err := os.Open("../fit/testdata/openclip_runs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	groups, err := fit.ReadCSV(file, fit.CSVOptions{X: "gmacs_total", Y: "imagenet1k_acc1", YIs: "accuracy", ID: "run_id",
		Labels: []string{"arch", "data_scale", "samples_seen"}, Where: map[string]string{"family": "OpenCLIP"}})
	if err != nil {
		t.Fatal(err)
	}
	var runs []Run
	for i, p := range groups[0].Points {
		l := groups[0].Labels[i]
		samples, err := strconv.ParseFloat(l["samples_seen"], 64)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, Run{Point: p, Model: l["arch"], Data: l["data_scale"], Samples: samples})
	}
	if len(runs) != 29 {
		t.Fatalf("%d runs", len(runs))
	}
	return runs
}

func mustFit(t testing.TB, runs []Run, o fit.Options) fit.Result {
	t.Helper()
	o.Bootstrap, o.Version = 400, "test"
	r, err := fit.Fit(context.Background(), pointsOf(runs), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Warnings) > 0 {
		r.Warnings = []fit.Note{{Code: "warned", Text: "a warning that the fit carries, in words that are not this package's"}}
	}
	return r
}

func fitted(t testing.TB, runs []Run, o fit.Options) FittedLaw {
	t.Helper()
	r := mustFit(t, runs, o)
	o.Predict = Along(r, pointsOf(runs), 4)
	return FittedLaw{Result: r, Course: mustFit(t, runs, o).Predictions}
}

func lawExample(t testing.TB, runs []Run, laws ...FittedLaw) LawInput {
	return LawInput{Title: "OpenCLIP on ImageNet", Subtitle: "29 runs of Cherti et al. 2023", Metric: "ImageNet zero-shot top-1 error", Unit: "GMACs, forward", Runs: runs, Laws: laws}
}

// examples are one figure of each kind, and the variants of the law's.
func examples(t testing.TB) map[string]Figure {
	runs := published(t)
	pareto := fitted(t, runs, fit.Options{})
	byData := lawExample(t, runs, pareto)
	byData.Encoding.ByData = true
	byData.References = []Reference{{"chance", 0.999}, {"a linear probe", 0.55}}
	few := lawExample(t, runs[:2], fitted(t, runs[:2], fit.Options{}))
	return map[string]Figure{
		"law":         NewLaw(lawExample(t, runs, pareto)),
		"law-binned":  NewLaw(lawExample(t, runs, fitted(t, runs, fit.Options{Rule: "binned-minima"}))),
		"law-all":     NewLaw(lawExample(t, runs, fitted(t, runs, fit.Options{Rule: "all"}))),
		"law-holdout": NewLaw(lawExample(t, runs, fitted(t, runs, fit.Options{HoldoutAbove: 8e11}))),
		"law-by-data": NewLaw(byData),
		"law-refused": NewLaw(few),
		"law-groups":  NewLaw(groups(t, runs)),
		"residuals":   NewResiduals(ResidualsInput{Title: "Residuals", Unit: "GMACs, forward", Runs: runs, Result: pareto.Result}),
		"isodata":     NewIsodata(IsodataInput{Title: "Iso-data curves", Metric: "ImageNet top-1 error", Unit: "GMACs, forward", Runs: runs}),
		"words": NewWords(WordsInput{Title: "Words of captions", Words: []WordCount{
			{1, 900, "arrow"}, {2, 500, "circle"}, {3, 400, "left"}, {4, 220, "file"}, {5, 200, "right"}, {10, 90, "home"}, {30, 30, "moon"}, {100, 8, "yak"}, {300, 2, "zinc"}}}),
		"robustness": NewRobustness(shifted(runs)),
		"heatmap":    NewHeatmap(cells(runs)),
		"isoflop":    NewIsoflop(profiled(t)),
		"curves":     NewCurves(CurvesInput{Title: "Learning curves", X: "Samples seen", Y: "loss", Curves: []Curve{logged("a", 40, 0.3), logged("b", 3000, 0.4)}}),
	}
}

// groups is a law a data scale.
func groups(t testing.TB, runs []Run) LawInput {
	in := lawExample(t, runs)
	in.Encoding.ByData = true
	for _, data := range newEncoder(in.Encoding, runs).data {
		var of []Run
		for _, r := range runs {
			if r.Data == data {
				of = append(of, r)
			}
		}
		in.Laws = append(in.Laws, fitted(t, of, fit.Options{Group: &data}))
	}
	return in
}

func shifted(runs []Run) RobustnessInput {
	in := RobustnessInput{Title: "Effective robustness", Metric: "ImageNet accuracy", Shift: "accuracy under shift", Runs: runs}
	for i, r := range runs {
		in.Shifted = append(in.Shifted, 1-Logit.uneven(-0.6+1.1*Logit.even(1-r.E)+0.05*math.Sin(float64(i))))
	}
	return in
}

func cells(runs []Run) HeatmapInput {
	in := HeatmapInput{Title: "Grid", Metric: "Error", Percent: true}
	for i, r := range runs {
		in.Cells = append(in.Cells, Cell{Run: r, Known: i%7 != 3, State: "running"})
	}
	return in
}

func profiled(t testing.TB) IsoflopInput {
	in := IsoflopInput{Title: "IsoFLOP profiles", Metric: "loss", Size: "parameters", Loss: true}
	var runs []Run
	for i, c := range []float64{1e16, 1e17, 1e18, 1e19} {
		for k := -3; k <= 3; k++ {
			n := 1e6 * math.Pow(10, 0.5*float64(i)) * math.Pow(1.8, float64(k))
			e := 3 * math.Pow(0.88, float64(i)) * (1 + 0.015*float64(k*k) + 0.004*math.Sin(float64(5*i+3*k)))
			runs = append(runs, Run{Point: fit.Point{ID: fmt.Sprintf("%d.%d", i, k), C: c, N: n, D: c / (6 * n), E: e}})
		}
	}
	in.Points, in.Result = pointsOf(runs), mustFit(t, runs, fit.Options{Law: "isoflop", YIs: "loss"})
	return in
}

// logged is a loss that falls as a power of the samples seen, with noise that is no draw.
func logged(name string, steps int, slope float64) Curve {
	c := Curve{Name: "run " + name, Run: name}
	for i := 1; i <= steps; i++ {
		x := 1e6 * float64(i) / float64(steps)
		c.X = append(c.X, x)
		c.Y = append(c.Y, 0.8+4*math.Pow(1+x/2e4, -slope)*(1+0.05*math.Sin(37*float64(i*i%101))))
	}
	return c
}
