package cli

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// families compares the published runs of the two families on ImageNet.
func families(more ...string) []string {
	const table = "../../fit/testdata/openclip_runs.csv"
	return append([]string{"compare", "--csv", table, "--where", "family=OpenCLIP", "--csv", table, "--where", "family=OpenAI-CLIP",
		"--x", "gmacs_total", "--y", "imagenet1k_acc1", "--y-is", "accuracy", "--id", "run_id", "--rule", "pareto"}, more...)
}

// The worked example of docs/records.md is what the program prints.
func TestCompareForPeople(t *testing.T) {
	out := succeeds(t, environ(t), families()...).out
	golden(t, "compare.txt", out)
	text, err := os.ReadFile("../../docs/records.md")
	must(t, err)
	has(t, "docs/records.md", string(text), out)
}

func TestCompareTables(t *testing.T) {
	c := decode[fit.Comparison](t, succeeds(t, environ(t), families("--bootstrap", "500", "--compute", "1e12", "--error", "0.3", "-o", "json")...).out)
	near(t, "alpha, B - A", c.Coefficients[0].Value, -0.163774690464292+0.111046241914108, 1e-12)
	if c.A.Name != "family=OpenCLIP" || c.A.NPoints != 29 || c.B.NPoints != 3 || c.ErrorRatios[0].At != 1e12 || c.ComputeRatios[0].At != 0.3 || c.Options.Bootstrap != 500 {
		t.Errorf("%+v", c)
	}
	rows, err := csv.NewReader(strings.NewReader(succeeds(t, environ(t), families("--bootstrap", "500", "-o", "csv")...).out)).ReadAll()
	if err != nil || len(rows) != 1+2+3+5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	equal(t, "alpha in CSV", rows[1][:6], []string{"alpha, B - A", "", "", fmt.Sprint(c.Coefficients[0].A), fmt.Sprint(c.Coefficients[0].B), fmt.Sprint(c.Coefficients[0].Value)})
	// A --where before the first --csv is of both; --pair ties rows by a column.
	const table = "../../fit/testdata/openclip_runs.csv"
	paired := decode[fit.Comparison](t, succeeds(t, environ(t), "compare", "--where", "family=OpenCLIP", "--csv", table, "--where", "data_scale=2000000000.0", "--csv", table, "--where", "data_scale=400000000.0",
		"--pair", "arch", "--x", "gmacs_total", "--y", "imagenet1k_acc1", "--y-is", "accuracy", "--bootstrap", "500", "-o", "json").out)
	if paired.Paired != 3 || paired.A.NPoints != 11 || paired.B.NPoints != 9 {
		t.Errorf("%d paired, %+v, %+v", paired.Paired, paired.A, paired.B)
	}
}

func TestCompareFits(t *testing.T) {
	w := newWorld(t)
	groups := decode[[]fitView](t, w.fit(t, "--group-by", "data").out)
	args := []string{"compare", groups[0].Fit[:12], groups[1].Fit[:12], "--bootstrap", "200", "-o", "json"}
	c := decode[fit.Comparison](t, succeeds(t, w.getenv, args...).out)
	if c.Paired != 0 || c.Verdict.Distinguishable || c.A.Metric != "icons-test/top1_error" || c.A.Name != groups[0].Fit[:12] { // both lie on the same line
		t.Errorf("%+v, %+v", c.Verdict, c.A)
	}
	if c = decode[fit.Comparison](t, succeeds(t, w.getenv, append(args, "--pair", "model,samples_seen")...).out); c.Paired < 3 {
		t.Errorf("%d paired", c.Paired)
	}
	fails(t, w.getenv, exitBadInput, []string{`"colour" is none of them`}, append(args, "--pair", "colour")...)
	if c = decode[fit.Comparison](t, succeeds(t, w.getenv, "compare", groups[0].Fit, groups[0].Fit, "--bootstrap", "200", "-o", "json").out); c.Paired != groups[0].NPoints || c.Verdict.P != 1 {
		t.Errorf("a fit and itself: %d paired, %+v", c.Paired, c.Verdict)
	}
	succeeds(t, environWithUser(w), "exclude", groups[0].Used[0], "--reason", "r")
	has(t, "a stale side", succeeds(t, w.getenv, args...).err, "[stale]")
}

func TestCompareRefuses(t *testing.T) {
	const table = "../../fit/testdata/openclip_runs.csv"
	o := fails(t, environ(t), exitRefused, []string{"refused: ", "[law_refused]"}, "compare", "--csv", table, "--where", "family=OpenCLIP", "--csv", table, "--where", "arch=ViT-H-14",
		"--x", "gmacs_total", "--y", "imagenet1k_acc1", "--y-is", "accuracy", "-o", "json")
	if c := decode[fit.Comparison](t, o.out); c.Status != "refused" || c.Reason.Code != "law_refused" {
		t.Errorf("%+v", c)
	}
	for _, c := range []struct{ words, args []string }{
		{[]string{"two fits' ids (or two --csv)"}, []string{"1c9e"}},
		{[]string{"two --csv, one a side"}, []string{"--csv", table}},
		{[]string{"two --csv, one a side"}, []string{"1c9e", "--csv", table, "--csv", table}},
		{[]string{"there is no --csv"}, []string{"a", "b", "--where", "x=y"}},
		{[]string{"--x and --y are needed"}, []string{"--csv", table, "--csv", table}},
		{[]string{"--bootstrap and --level are above 0"}, []string{"a", "b", "--level", "0"}},
		{[]string{"no column"}, []string{"--csv", table, "--csv", table, "--x", "gmacs_total", "--y", "none"}},
		{[]string{"level is 95"}, []string{"--csv", table, "--csv", table, "--x", "gmacs_total", "--y", "imagenet1k_acc1", "--y-is", "accuracy", "--level", "95"}},
	} {
		fails(t, environ(t), exitBadInput, c.words, append([]string{"compare"}, c.args...)...)
	}
}
