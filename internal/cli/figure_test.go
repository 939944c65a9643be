package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// drawn asks for a figure of the published runs.
func drawn(verb string, more ...string) []string {
	args := openCLIP("--model-column", "arch", "--data-column", "data_scale", "--samples-column", "samples_seen")
	args = append([]string{"figure", verb, "--csv", args[2]}, args[3:]...)
	return append(args, more...)
}

var attribute = regexp.MustCompile(` data-([a-z0-9-]+)="([^"]*)"`)

// attributes of the first layer of a name.
func attributes(t *testing.T, svg, layer string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(svg, `data-name="`+layer+`"`)
	if !ok {
		t.Fatalf("no layer %q in %.400s", layer, svg)
	}
	tag, _, _ := strings.Cut(rest, ">")
	all := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		all[m[1]] = m[2]
	}
	return all
}

// The figure's law is the one that `fit csv` gives with the same flags, to the digit.
func TestFigureLawIsTheFits(t *testing.T) {
	for _, flags := range [][]string{nil, {"--rule", "binned-minima"}, {"--holdout-above", "8e11"}} {
		r := decode[fit.Result](t, succeeds(t, environ(t), openCLIP(append(flags, "-o", "json")...)...).out)
		got := attributes(t, succeeds(t, environ(t), drawn("law", flags...)...).out, "power law")
		for _, c := range r.Coefficients {
			equal(t, c.Name, []string{got[c.Name], got[c.Name+"-low"], got[c.Name+"-high"]}, []string{exact(c.Value), exact(c.Interval[0]), exact(c.Interval[1])})
		}
		equal(t, "inputs", got["inputs"], r.InputsSHA256)
	}
}

func TestFigureFiles(t *testing.T) {
	base := filepath.Join(t.TempDir(), "law")
	o := succeeds(t, environ(t), drawn("law", "--out", base+".svg", "--out", base+".PNG", "--out", base+".pdf", "--data", "--latex", "--theme", "dark", "--width", "500", "-o", "json")...)
	list := decode[[]struct {
		File  string
		Bytes int
	}](t, o.out)
	if len(list) != 6 {
		t.Fatalf("%+v", list)
	}
	begins := []string{"<svg ", "\x89PNG", "%PDF-", "layer,kind,id,", `\documentclass`, "% new run"}
	for i, f := range list {
		content, err := os.ReadFile(f.File)
		must(t, err)
		if len(content) != f.Bytes || !bytes.HasPrefix(content, []byte(begins[i])) {
			t.Errorf("%s: %d bytes, said %d, begins %.20q", f.File, len(content), f.Bytes, content)
		}
	}
	tex, err := os.ReadFile(base + ".tex")
	must(t, err)
	has(t, "the LaTeX", string(tex), `\input{law-data.tex}`, `xmode=log`)
	table, err := os.ReadFile(base + ".csv")
	must(t, err)
	has(t, "the data", string(table), "power law,line,", "used,points,Model-B-32_Data-400M_Samples-3B_lr-1e-3_bs-88k,1.80855445296e+10,")
}

// A refused fit is drawn with its reason, and is exit code 3.
func TestFigureOfARefusal(t *testing.T) {
	few := file(t, "few.csv", "c,e\n1,.9\n2,.8\n")
	o := fails(t, environ(t), exitRefused, []string{"refused: ", "[too_few_points]"}, "figure", "law", "--csv", few, "--x", "c", "--y", "e")
	has(t, "the figure", o.out, `class="refusal"`, "distinct amounts of compute")
}

func TestFiguresThatCannotBeDrawn(t *testing.T) {
	for name, c := range map[string]struct{ want, args []string }{
		"nothing":        {[]string{"a stored fit, or a table with --csv"}, []string{"figure", "law"}},
		"both":           {[]string{"one of them"}, drawn("law", "1c9e")},
		"ending":         {[]string{`"law.gif"`, ".svg, .png, .pdf"}, drawn("law", "--out", "law.gif")},
		"theme":          {[]string{`"sepia"`, "light and dark"}, drawn("law", "--theme", "sepia")},
		"narrow":         {[]string{"width is 100", "280"}, drawn("law", "--width", "100")},
		"scale":          {[]string{"--scale is 0"}, drawn("law", "--scale", "0")},
		"data alone":     {[]string{"--out, which is not given"}, drawn("law", "--data")},
		"colour":         {[]string{`"shoe size"`, "model or data"}, drawn("law", "--colour", "shoe size")},
		"reference":      {[]string{`"chance"`, "NAME=ERROR"}, drawn("law", "--reference", "chance")},
		"extrapolate":    {[]string{"--extrapolate is 0.5"}, drawn("law", "--extrapolate", "0.5")},
		"no column":      {[]string{`no column "archh"`}, drawn("law", "--model-column", "archh")},
		"no samples":     {[]string{`column "arch"`, "no number of samples"}, drawn("law", "--samples-column", "arch")},
		"groups":         {[]string{"residuals are of one fit, this is 5"}, drawn("residuals", "--group-by", "arch")},
		"a law":          {[]string{"--law is power"}, []string{"figure", "isoflop", "s", "--law", "power"}},
		"curves against": {[]string{`"time"`, "samples, steps, compute"}, []string{"figure", "curves", "1", "--against", "time"}},
	} {
		t.Run(name, func(t *testing.T) { fails(t, environ(t), exitBadInput, c.want, c.args...) })
	}
}

// Every figure of a sweep in the database; what failed there is shown as failed.
func TestFiguresOfASweep(t *testing.T) {
	w := newWorld(t)
	for i, r := range w.runs {
		if i == failedRun || i == divergedRun || i == 0 {
			continue
		}
		must(t, w.store.AddEvaluations(ctx, []sweep.Evaluation{{RunID: r.ID, Step: r.Steps(), Score: sweep.Score{
			Task: "icons-shift", Metric: "top1_error", Revision: "r1", Evaluator: "e1", Value: 0.5 + 0.5*trueError(r.GMACsTotal), Samples: 1000}}}))
	}
	made := decode[fitView](t, succeeds(t, w.getenv, "fit", "new", "quickstart", "--rule", "all", "--bootstrap", "100", "-o", "json").out)
	draw := func(args ...string) string { return succeeds(t, w.getenv, append([]string{"figure"}, args...)...).out }

	law := draw("law", made.Fit)
	equal(t, "alpha", attributes(t, law, "power law")["alpha"], exact(made.Coefficients[0].Value))
	has(t, "law", law, "quickstart", "chance", "1-NN on pixels", w.runs[0].Model.Name, w.runs[0].Data.Name)
	if n := strings.Count(law, `class="point"`); n != made.NPoints {
		t.Errorf("%d points, the fit has %d", n, made.NPoints)
	}
	has(t, "residuals", draw("residuals", made.Fit), `data-figure="residuals"`, "data-residual=")
	has(t, "heatmap", draw("heatmap", "quickstart"), `data-figure="heatmap"`, ">failed<", ">diverged<", "data-value=")
	has(t, "isodata", draw("isodata", "quickstart"), `data-figure="isodata"`, "best so far")
	has(t, "robustness", draw("robustness", "quickstart"), "data-slope=", "3 runs lack one of the two scores")
	curves := draw("curves", w.runs[0].ID, w.runs[divergedRun].ID, "--against", "compute")
	has(t, "curves", curves, `data-run="`+w.runs[0].ID, "1 values have no place on these axes")
	o := fails(t, w.getenv, exitRefused, []string{"refused"}, "figure", "isoflop", "quickstart", "--bootstrap", "100")
	has(t, "isoflop", o.out, `data-figure="isoflop"`, `class="refusal"`)

	fails(t, w.getenv, exitBadInput, []string{`"perplexity"`, "grad_norm, loss"}, "figure", "curves", w.runs[0].ID, "--measure", "perplexity")
	fails(t, w.getenv, exitBadInput, []string{"not found"}, "figure", "heatmap", "nosuch")
	fails(t, w.getenv, exitBadInput, []string{"not found"}, "figure", "law", "ffff")
}
