package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

func TestFitCoverage(t *testing.T) {
	o := succeeds(t, environ(t), "fit", "coverage", "--studies", "30", "--law", "power", "--rule", "envelope", "--scenario", "nine", "--resamples", "100", "-o", "json")
	table := decode[fit.CoverageTable](t, o.out)
	if len(table.Rows) != len(fit.Intervals()) || table.Seed != 1 || table.Commit == "" || table.Machine == "" {
		t.Fatalf("%+v", table)
	}
	first := table.Rows[0]
	if first.Interval != "t" || first.Studies != 30 || !first.Holds || first.Covered < 0.8 || table.Rows[1].Studies != 6 {
		t.Errorf("%+v", table.Rows[:2])
	}
	has(t, "progress", o.err, "power envelope jackknife on nine")
}

// --write gives the document and the data that are committed, when nothing is measured anew.
func TestCoverageIsWrittenAsItIsCarried(t *testing.T) {
	stored := decode[fit.CoverageTable](t, succeeds(t, environ(t), "fit", "coverage", "--stored", "-o", "json").out)
	if len(stored.Rows) < 50 {
		t.Fatalf("the program carries %d rows", len(stored.Rows))
	}
	dir := t.TempDir()
	for _, name := range []string{"docs", "fit"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeCoverage(filepath.Join(dir, "docs", "coverage.md"), stored); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"docs/coverage.md", "fit/coverage.json"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s differs from the committed one", name)
		}
	}
}

func TestFitCoverageRefusesWhatItDoesNotMeasure(t *testing.T) {
	for want, args := range map[string][]string{
		"there is no scenario":     {"--scenario", "moon"},
		"not among what is":        {"--law", "cubic"},
		"--studies is 0":           {"--studies", "0"},
		"wants the whole table":    {"--write", "x/coverage.md", "--rule", "all"},
		"--resamples 10; at least": {"--resamples", "10"},
	} {
		fails(t, environ(t), 2, []string{want}, append([]string{"fit", "coverage"}, args...)...)
	}
}

// The default rule with sizes is the envelope; samples and clusters come from numbers or columns.
func TestFitCSVEnvelope(t *testing.T) {
	sizes := []string{"--n", "gmacs_per_sample", "--d", "samples_seen", "--u", "data_scale", "--predict", "1e14", "-o", "json"}
	r := decode[fit.Result](t, succeeds(t, environ(t), openCLIP(sizes...)...).out)
	if r.Rule != "envelope" || r.NUsed != 29 || len(r.Checks) != 3 || r.Surface == "" {
		t.Errorf("%+v", r)
	}
	near(t, "alpha", r.Coefficients[0].Value, -0.1187, 1e-4)
	known := decode[fit.Result](t, succeeds(t, environ(t), openCLIP(append(sizes, "--samples", "200")...)...).out)
	if a, b := r.Predictions[0].RunInterval, known.Predictions[0].RunInterval; b[1]-b[0] <= a[1]-a[0] {
		t.Errorf("run intervals %v without and %v with few samples", a, b)
	}
	fails(t, environ(t), 3, []string{"5 runs cannot determine"}, openCLIP(append(sizes, "--cluster", "arch")...)...)
	fails(t, environ(t), 2, []string{"--rule envelope needs --n and --d"}, openCLIP("--rule", "envelope")...)
	fails(t, environ(t), 2, []string{`no column "many"`}, openCLIP(append(sizes, "--samples", "many")...)...)
}
