package cli

import (
	"encoding/csv"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// openCLIP asks for the published runs on ImageNet.
func openCLIP(more ...string) []string {
	return append([]string{"fit", "csv", "../../fit/testdata/openclip_runs.csv", "--x", "gmacs_total", "--y", "imagenet1k_acc1", "--y-is", "accuracy",
		"--id", "run_id", "--where", "family=OpenCLIP", "--bootstrap", "200"}, more...)
}

// The coefficients are numpy's, to the digit: what JSON prints must not round them.
func TestFitCSVGolden(t *testing.T) {
	for rule, want := range map[string]struct {
		alpha, beta float64
		used        int
	}{"binned-minima": {-0.111388491412767, 5.85805919605, 5}, "pareto": {-0.111046241914108, 5.88384383743, 10}} {
		r := decode[fit.Result](t, succeeds(t, environ(t), openCLIP("--rule", rule, "-o", "json")...).out)
		if r.Status != "ok" || r.NPoints != 29 || r.NUsed != want.used || len(r.Used)+len(r.Excluded) != 29 {
			t.Errorf("%s: %+v", rule, r)
		}
		near(t, rule+" alpha", r.Coefficients[0].Value, want.alpha, 1e-12)
		near(t, rule+" beta", r.Coefficients[1].Value, want.beta, 1e-9)
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}

// Scripts read these names; lists are never null.
func TestFitCSVNames(t *testing.T) {
	o := succeeds(t, environ(t), openCLIP("--predict", "1e12,1e13", "-o", "json")...)
	r := decode[map[string]any](t, o.out)
	for _, name := range []string{"status", "law", "rule", "group", "formula", "compute_convention", "n_points", "n_used", "coefficients", "level", "interval_method",
		"objective", "r2", "warnings", "predictions", "used", "excluded", "seed", "bootstrap", "inputs_sha256", "version"} {
		if _, ok := r[name]; !ok {
			t.Errorf("the JSON has no %q", name)
		}
	}
	if n := len(r["predictions"].([]any)); n != 2 {
		t.Errorf("%d predictions, want 2", n)
	}
	bare := decode[map[string]any](t, succeeds(t, environ(t), openCLIP("-o", "json")...).out)
	if list, ok := bare["predictions"].([]any); !ok || len(list) != 0 {
		t.Errorf("no predictions: %v", bare["predictions"])
	}
}

func TestFitCSVForPeople(t *testing.T) {
	golden(t, "fit-csv.txt", succeeds(t, environ(t), openCLIP("--predict", "1e12")...).out)
}

// CSV agrees with JSON to the last digit.
func TestFitCSVAsCSV(t *testing.T) {
	r := decode[fit.Result](t, succeeds(t, environ(t), openCLIP("-o", "json")...).out)
	rows, err := csv.NewReader(strings.NewReader(succeeds(t, environ(t), openCLIP("-o", "csv")...).out)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, %v", rows, err)
	}
	for i, c := range r.Coefficients {
		equal(t, c.Name, rows[i+1][3:7], []string{c.Name, fmt.Sprint(c.Value), fmt.Sprint(c.Interval[0]), fmt.Sprint(c.Interval[1])})
	}
}

// Predictions are rows of the CSV, with the numbers of JSON; warnings are said beside it.
func TestFitCSVPredictionsAsCSV(t *testing.T) {
	ask := func(output string) outcome {
		return succeeds(t, environ(t), openCLIP("--predict", "1e12,1e16", "-o", output)...)
	}
	r, o := decode[fit.Result](t, ask("json").out), ask("csv")
	rows, err := csv.NewReader(strings.NewReader(o.out)).ReadAll()
	if err != nil || len(rows) != 1+len(r.Coefficients)+2 || len(r.Warnings) == 0 {
		t.Fatalf("%v, %v; warnings %v", rows, err, r.Warnings)
	}
	for i, p := range r.Predictions {
		row := rows[1+len(r.Coefficients)+i]
		equal(t, "law", row[3:7], []string{"prediction", fmt.Sprint(p.Value), fmt.Sprint(p.LawInterval[0]), fmt.Sprint(p.LawInterval[1])})
		equal(t, "run", row[13:], []string{fmt.Sprint(p.C), fmt.Sprint(p.RunInterval[0]), fmt.Sprint(p.RunInterval[1])})
	}
	for _, n := range r.Warnings {
		has(t, "stderr", o.err, "warning: "+n.Text+" ["+n.Code+"]")
	}
	has(t, "stderr", succeeds(t, environ(t), openCLIP("--sensitivity", "--predict", "1e12", "-o", "csv")...).err, "no predictions; -o json")
}

// Of two groups one has too few points: that is said, and is no failure. Where every group
// is refused it is one, with a code of its own.
func TestFitCSVRefusals(t *testing.T) {
	const line = "1,.9,a\n10,.8,a\n100,.7,a\n1000,.6,a\n"
	some := file(t, "some.csv", "c,e,g\n"+line+"1,.5,b\n")
	o := succeeds(t, environ(t), "fit", "csv", some, "--x", "c", "--y", "e", "--group-by", "g", "-o", "json")
	has(t, "stderr", o.err, "refused on b: ", "[too_few_points]")
	list := decode[[]fit.Result](t, o.out)
	if len(list) != 2 || *list[0].Group != "a" || list[0].Status != "ok" || *list[1].Group != "b" || list[1].Status != "refused" || list[1].Reason.Code != "too_few_points" {
		t.Errorf("%+v", list)
	}
	none := file(t, "none.csv", "c,e\n1,.9\n2,.8\n")
	for _, output := range []string{"json", "table", "csv"} {
		o := fails(t, environ(t), exitRefused, []string{"refused: ", "[too_few_points]"}, "fit", "csv", none, "--x", "c", "--y", "e", "-o", output)
		has(t, output, o.out, "too_few_points")
		if strings.Contains(o.err, "scalelaw:") {
			t.Errorf("a refusal is said once: %s", o.err)
		}
	}
}

// One point and a column that never varies are refused: no number comes out that looks fine.
func TestTablesThatSayNothing(t *testing.T) {
	for name, c := range map[string]struct{ text, code string }{
		"one point":               {"c,e\n1,.9\n", "too_few_points"},
		"constant compute":        {"c,e\n5,.9\n5,.8\n5,.7\n5,.6\n", "too_few_points"},
		"constant error":          {"c,e\n1,.5\n10,.5\n100,.5\n1000,.5\n", "no_variation"},
		"less than half a decade": {"c,e\n1,.5\n2,.4\n3,.3\n", "narrow_range"},
	} {
		t.Run(name, func(t *testing.T) {
			fails(t, environ(t), exitRefused, []string{"[" + c.code + "]"}, "fit", "csv", file(t, "t.csv", c.text), "--x", "c", "--y", "e", "--rule", "all")
		})
	}
	o := fails(t, environ(t), exitRefused, []string{"[not_identifiable]"}, openCLIP("--law", "power-floor", "-o", "json")...)
	if r := decode[fit.Result](t, o.out); r.Status != "refused" || len(r.Coefficients) > 0 {
		t.Errorf("%+v", r)
	}
}

// A constant error says so by the default rule, too; a holdout of all or nothing is named; one
// of --n and --d alone is noticed.
func TestFitCSVSaysWhatWentUnused(t *testing.T) {
	flat := file(t, "t.csv", "c,e\n1,.5\n10,.5\n100,.5\n1000,.5\n")
	fails(t, environ(t), exitRefused, []string{"[no_variation]"}, "fit", "csv", flat, "--x", "c", "--y", "e")
	fails(t, environ(t), exitRefused, []string{"29 of 29 points are held out above C = 1"}, openCLIP("--holdout-above", "1")...)
	o := succeeds(t, environ(t), openCLIP("--holdout-above", "1e20")...)
	has(t, "table", o.out, "[nothing_held_out]")
	if strings.Contains(o.out, "0 of 0") {
		t.Errorf("scores of nothing:\n%s", o.out)
	}
	for flag, column := range map[string]string{"--n": "gmacs_per_sample", "--d": "samples_seen"} {
		has(t, flag, succeeds(t, environ(t), openCLIP(flag, column)...).err, "note: "+flag+" without --", "the rule is pareto")
		if o := succeeds(t, environ(t), openCLIP(flag, column, "--rule", "pareto")...); strings.Contains(o.err, "note:") {
			t.Errorf("a rule that was asked for: %s", o.err)
		}
	}
}

func TestFitCSVChinchilla(t *testing.T) {
	r := decode[fit.Result](t, succeeds(t, environ(t), "fit", "csv", "../../fit/testdata/chinchilla_points.csv", "--law", "chinchilla", "--x", "training_flop", "--y", "loss",
		"--n", "model_params", "--d", "training_tokens", "--where", "excluded_by_epoch_default=0", "--bootstrap", "100", "--predict", "1e24", "-o", "json").out)
	if r.Rule != "all" || r.Objective > 0.0010182740179 || r.Starts.Count != 4500 || r.Predictions[0].N == 0 {
		t.Errorf("%+v", r)
	}
	for i, name := range []string{"A", "B", "E", "alpha", "beta"} {
		equal(t, "coefficient", r.Coefficients[i].Name, name)
	}
}

func TestFitCSVEvidence(t *testing.T) {
	golden(t, "fit-csv-evidence.txt", succeeds(t, environ(t), openCLIP("--choose", "--holdout-above", "2e12", "--sensitivity", "--rule", "all")...).out)
	rows, err := csv.NewReader(strings.NewReader(succeeds(t, environ(t), openCLIP("--sensitivity", "-o", "csv")...).out)).ReadAll()
	if err != nil || len(rows) != 1+2*11 {
		t.Errorf("%v, %d rows", err, len(rows))
	}
}

func TestBenchFit(t *testing.T) {
	m := decode[fitting](t, succeeds(t, environ(t), "bench", "fit", "--repeats", "1", "-o", "json").out)
	if m.Pareto <= 0 || m.Binned <= 0 || m.Chinchilla <= 0 || m.ChinchillaBootstrap <= 0 || m.Objective > 0.0010182740179 {
		t.Errorf("%+v", m)
	}
	fails(t, environ(t), exitBadInput, []string{"--repeats"}, "bench", "fit", "--repeats", "0")
}

func TestTablesThatCannotBeFitted(t *testing.T) {
	const good = "c,e,i\n1,.9,a\n"
	for name, c := range map[string]struct {
		text string
		want []string
		args []string
	}{
		"not a number":      {good + "ten,.8,b\n", []string{"row 3", `"c"`, `"ten" is not a number`}, nil},
		"an empty cell":     {good + "10,,b\n", []string{"row 3", `"e"`, "the value is missing"}, nil},
		"NaN":               {good + "10,NaN,b\n", []string{"row 3", `"e"`, "NaN"}, nil},
		"in percent":        {good + "10,80,b\n", []string{"row 3", `"e"`, "not percent"}, nil},
		"accuracy percent":  {good + "10,80,b\n", []string{"row 3", `"e"`, "not percent"}, []string{"--y-is", "accuracy"}},
		"no compute":        {good + "0,.8,b\n", []string{"row 3", `"c"`, "compute is 0"}, nil},
		"twice":             {good + "10,.8,a\n", []string{"a stands twice"}, []string{"--id", "i"}},
		"a short row":       {good + "10,.8\n", []string{"row 3", "wrong number of fields"}, nil},
		"no such column":    {good, []string{`no column "z"`, "c, e, i"}, []string{"--x", "z"}},
		"no row left":       {good, []string{"no row is left", "--where"}, []string{"--where", "i=z"}},
		"where with no =":   {good, []string{`--where is "i"`}, []string{"--where", "i"}},
		"where wants both":  {good, []string{"no row is both"}, []string{"--where", "i=a", "--where", "i=b"}},
		"y is what":         {good, []string{`--y-is is "nits"`}, []string{"--y-is", "nits"}},
		"no such rule":      {good, []string{`"best"`, "pareto"}, []string{"--rule", "best"}},
		"no such law":       {good, []string{`"parabola"`, "power"}, []string{"--law", "parabola"}},
		"no level":          {good, []string{"--level", "above 0"}, []string{"--level", "0"}},
		"level in percent":  {good, []string{"level is 95"}, []string{"--level", "95"}},
		"predict at nought": {good, []string{"compute 0"}, []string{"--predict", "0"}},
		"a percent sign":    {good + "10,80%,b\n", []string{"row 3", `"e"`, "not percent"}, nil},
		"a decimal comma":   {"c;e;i\n1;.9;a\n10;0,8;b\n", []string{"row 3", `"e"`, "decimal point"}, nil},
		"a copied row":      {good + "10,.8,b\n10,.8,b\n", []string{"row 4 repeats row 3"}, nil},
		"mixed conventions": {good + "10,.8,b\n", []string{"row 3", `"i"`, `"b" here and as "a"`}, []string{"--convention-column", "i"}},
		"law without n":     {good, []string{"--law chinchilla needs --n"}, []string{"--law", "chinchilla"}},
		"law without u":     {good, []string{"--law data-limited needs --u"}, []string{"--law", "data-limited", "--n", "c", "--d", "c"}},
		"rule of another":   {good + "10,.8,b\n", []string{`"pareto" does not suit`, "all"}, []string{"--law", "chinchilla", "--rule", "pareto", "--n", "c", "--d", "c"}},
		"no floor of power": {good, []string{"no-floor"}, []string{"--no-floor"}},
		"chinchilla on E":   {good, []string{`fit on "error"`}, []string{"--law", "chinchilla", "--fit-on", "error", "--n", "c", "--d", "c"}},
		"an empty file":     {"", []string{"header"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, "t.csv", c.text)
			fails(t, environ(t), exitBadInput, append(c.want, ""), append([]string{"fit", "csv", path, "--x", "c", "--y", "e"}, c.args...)...)
		})
	}
	fails(t, environ(t), exitBadInput, []string{"--x and --y are needed"}, "fit", "csv", "t.csv")
	fails(t, environ(t), exitBadInput, []string{"read the table", "no such file"}, "fit", "csv", t.TempDir()+"/none.csv", "--x", "c", "--y", "e")
}
