package fit

import (
	"context"
	"math"
	"os"
	"testing"
)

// study reads the published runs of one family, with one target as the error.
func study(t testing.TB, family, target string) []Point {
	t.Helper()
	f, err := os.Open("testdata/openclip_runs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	groups, err := ReadCSV(f, CSVOptions{X: "gmacs_total", Y: target, YIs: "accuracy", ID: "run_id", Where: map[string]string{"family": family}})
	if err != nil {
		t.Fatal(err)
	}
	return groups[0].Points
}

func mustFit(t testing.TB, points []Point, o Options) Result {
	t.Helper()
	if o.Bootstrap == 0 {
		o.Bootstrap = 200
	}
	r, err := Fit(context.Background(), points, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != "ok" {
		t.Fatalf("refused: %+v", r.Reason)
	}
	return r
}

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}

// Golden coefficients: numpy's least squares on the published runs, by both published rules.
func TestPublishedLaws(t *testing.T) {
	const binned, pareto, all = "binned-minima", "pareto", "all"
	for _, g := range []struct {
		family, target, rule string
		alpha, beta          float64
		used                 int
	}{
		{"OpenCLIP", "imagenet1k_acc1", binned, -0.111388491412767, 5.85805919605, 5},
		{"OpenCLIP", "imagenet1k_acc1", pareto, -0.111046241914108, 5.88384383743, 10},
		{"OpenCLIP", "imagenet_robustness_acc1", binned, -0.125540519927172, 11.6086659367, 5},
		{"OpenCLIP", "imagenet_robustness_acc1", pareto, -0.120970875393825, 10.352878049, 13},
		{"OpenCLIP", "mscoco_image_retrieval_r5", binned, -0.079434413087554, 2.74971969683, 5},
		{"OpenCLIP", "mscoco_image_retrieval_r5", pareto, -0.082058585900903, 2.98948805267, 13},
		{"OpenCLIP", "flickr30k_image_retrieval_r5", binned, -0.189156707329759, 15.5059641807, 5},
		{"OpenCLIP", "flickr30k_image_retrieval_r5", pareto, -0.189206532360323, 15.5888593237, 11},
		{"OpenAI-CLIP", "imagenet1k_acc1", all, -0.163774690464292, 23.1835505626, 3},
		{"OpenAI-CLIP", "imagenet_robustness_acc1", all, -0.237842854456169, 211.659977894, 3},
		{"OpenAI-CLIP", "mscoco_image_retrieval_r5", all, -0.050759373786589, 1.58860456915, 3},
		{"OpenAI-CLIP", "flickr30k_image_retrieval_r5", all, -0.102849011747323, 2.20839338661, 3},
	} {
		r := mustFit(t, study(t, g.family, g.target), Options{Rule: g.rule, Pad: DefaultPad})
		name := g.family + " " + g.target + " " + g.rule
		within(t, name+" alpha", r.Coefficients[0].Value, g.alpha, 1e-12)
		within(t, name+" beta", r.Coefficients[1].Value/g.beta, 1, 1e-11)
		if r.NUsed != g.used {
			t.Errorf("%s: %d points used, want %d", name, r.NUsed, g.used)
		}
	}
}

// The number of bins moves alpha more than most claimed effects.
func TestBinsMoveAlpha(t *testing.T) {
	points := study(t, "OpenCLIP", "imagenet1k_acc1")
	for i, want := range []float64{-0.1253, -0.1117, -0.1114, -0.1075, -0.1182, -0.1232, -0.1151, -0.1167} {
		r := mustFit(t, points, Options{Rule: "binned-minima", Bins: i + 3, Pad: DefaultPad})
		within(t, "alpha", r.Coefficients[0].Value, want, 0.5e-4)
	}
	r := mustFit(t, points, Options{Rule: "all"})
	within(t, "alpha of all points", r.Coefficients[0].Value, -0.1012, 0.5e-4)
}

// Predictions of the ImageNet line as the paper's notebook gives them.
func TestPublishedPredictions(t *testing.T) {
	const samples34B, samples68B = 34_215_895_056.0, 2 * 34_215_895_056.0
	const gmacsH, gmacsLittleG, gmacsBigG = 190.97, 290.74, 532.92
	o := Options{Rule: "binned-minima", Pad: DefaultPad, Predict: []float64{
		gmacsLittleG * samples34B, gmacsH * samples68B, gmacsLittleG * samples68B, gmacsBigG * samples68B,
	}}
	r := mustFit(t, study(t, "OpenCLIP", "imagenet1k_acc1"), o)
	for i, accuracy := range []float64{79.109, 79.734, 80.661, 81.924} {
		p := r.Predictions[i]
		within(t, "accuracy in percent", 100*(1-p.Value), accuracy, 0.5e-3)
		if !(p.LawInterval[0] < p.Value && p.Value < p.LawInterval[1]) {
			t.Errorf("the law's interval %v leaves out its value %g", p.LawInterval, p.Value)
		}
		if p.RunInterval[0] > p.LawInterval[0] || p.RunInterval[1] < p.LawInterval[1] {
			t.Errorf("the interval of a run %v is narrower than the law's %v", p.RunInterval, p.LawInterval)
		}
	}
}

// Intervals of an independent implementation (numpy, 10,000 resamples over runs).
func TestPublishedIntervals(t *testing.T) {
	points := study(t, "OpenCLIP", "imagenet1k_acc1")
	for rule, want := range map[string][2]float64{"pareto": {-0.1252, -0.1027}, "binned-minima": {-0.1376, -0.0876}} {
		r := mustFit(t, points, Options{Rule: rule, Pad: DefaultPad, Bootstrap: 10_000})
		for i := range want {
			within(t, rule, r.Coefficients[0].Interval[i], want[i], 1.5e-3)
		}
	}
}

func TestVTABIsToldToBeNoLaw(t *testing.T) {
	points := study(t, "OpenCLIP", "vtab_acc1")
	r := mustFit(t, points, Options{Rule: "binned-minima", Pad: DefaultPad})
	within(t, "R2", r.R2, 0.71, 0.005)
	if !hasNote(r.Warnings, "low_r2") {
		t.Errorf("no low_r2 among %+v", r.Warnings)
	}
	within(t, "R2 by pareto", mustFit(t, points, Options{}).R2, 0.91, 0.005)
}

func hasNote(notes []Note, code string) bool {
	for _, n := range notes {
		if n.Code == code {
			return true
		}
	}
	return false
}

func BenchmarkBootstrap10000(b *testing.B) {
	points := study(b, "OpenCLIP", "imagenet1k_acc1")
	for _, rule := range []string{"pareto", "binned-minima"} {
		b.Run(rule, func(b *testing.B) {
			for b.Loop() {
				mustFit(b, points, Options{Rule: rule, Pad: DefaultPad, Bootstrap: 10_000})
			}
		})
	}
}
