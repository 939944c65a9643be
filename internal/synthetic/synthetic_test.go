package synthetic

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// planned is the plan of a study.
func planned(t *testing.T, runs int) []sweep.Run {
	t.Helper()
	spec, err := sweep.Parse([]byte(Spec("big", runs)), sweep.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := sweep.Plan(spec, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]sweep.Run, len(plan.Runs))
	for i, r := range plan.Runs {
		all[i] = r.Run
	}
	return all
}

func TestSizesAreRoundedUpToSeeds(t *testing.T) {
	for asked, want := range map[int]int{1: Cells, Cells: Cells, Cells + 1: 2 * Cells} {
		if got := len(planned(t, asked)); got != want {
			t.Errorf("%d runs asked for: %d, want %d", asked, got, want)
		}
	}
}

// The final errors lie on the law that the sweep states, within its noise, and every row says
// that it was made up.
func TestErrorsFollowTheStatedLaw(t *testing.T) {
	plan := planned(t, 1)
	i := 0
	for r := range Runs(plan, Size{Checkpoints: 4, Points: 10}) {
		run, law := plan[i], plan[i].Surface
		i++
		if r.State != sweep.Succeeded {
			continue
		}
		last := r.Evaluations[len(r.Evaluations)-len(tasks)*len(scores)]
		exact := law.Floor + law.Beta*math.Pow(run.GMACsTotal, law.Alpha)
		if off := math.Abs(math.Log(last.Value / exact)); last.Task != "surface" || last.Metric != "top1_error" || last.Step != run.Steps() || off > 1.7*law.Noise {
			t.Errorf("run %d: %+v, %g off the law", i, last.Score, off)
		}
		for _, e := range r.Evaluations {
			if e.Evaluator != MadeBy || !(e.Value > 0 && e.Value <= law.Chance) {
				t.Fatalf("%+v", e)
			}
		}
	}
	if i != len(plan) {
		t.Errorf("%d of %d runs", i, len(plan))
	}
}

// A study has runs of every state, as much of everything as was asked for, and is the same again.
func TestStudiesRepeat(t *testing.T) {
	plan, size := planned(t, 1), Size{Checkpoints: 4, Points: 10, Running: 3}
	counts := map[sweep.State]int{}
	first := slices.Collect(Runs(plan, size))
	for i, r := range slices.Collect(Runs(plan, size)) {
		counts[r.State]++
		rows, again := slices.Collect(first[i].Metrics), slices.Collect(r.Metrics)
		if !slices.EqualFunc(rows, again, same) || !slices.Equal(first[i].Evaluations, r.Evaluations) || !slices.Equal(first[i].Checkpoints, r.Checkpoints) {
			t.Fatalf("run %d differs the second time", i)
		}
		if r.State == sweep.Succeeded && (len(rows) != 50 || len(r.Checkpoints) != 4 || len(r.Evaluations) != 4*36) {
			t.Errorf("run %d: %d rows, %d checkpoints, %d evaluations", i, len(rows), len(r.Checkpoints), len(r.Evaluations))
		}
		checkStream(t, r, rows)
	}
	if counts[sweep.Running] != 3 || counts[sweep.Failed] != 2 || counts[sweep.Diverged] != 2 || counts[sweep.Succeeded] != Cells-7 {
		t.Errorf("states: %v", counts)
	}
}

// checkStream wants names in blocks, steps that grow, and a loss that is lost only in a run that
// diverged.
func checkStream(t *testing.T, r store.LoadedRun, rows []sweep.Metric) {
	t.Helper()
	lost := false
	for i, m := range rows {
		lost = lost || math.IsNaN(m.Value)
		if i > 0 && rows[i-1].Name == m.Name && m.Step <= rows[i-1].Step || i > 0 && rows[i-1].Name > m.Name {
			t.Fatalf("row %d: %+v after %+v", i, m, rows[i-1])
		}
	}
	if lost != (r.State == sweep.Diverged) {
		t.Errorf("a run that %s: its loss is lost: %v", r.State, lost)
	}
	if r.State != sweep.Succeeded && r.State != sweep.Running && !strings.Contains(r.Reason, MadeBy) {
		t.Errorf("reason %q", r.Reason)
	}
}

func same(a, b sweep.Metric) bool {
	return a == b || math.IsNaN(a.Value) && math.IsNaN(b.Value) && a.Name == b.Name && a.Step == b.Step
}
