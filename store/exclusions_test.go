package store

import (
	"errors"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestExclusionsAreKept(t *testing.T) {
	s, runs := open(t), makeRuns(t, 2)
	create(t, s, "grid", runs, 2, 0)
	bad := Exclusion{RunID: runs[0].ID, Author: "ada", Rule: "loss-spike", Reason: "its loss jumps at step 3"}
	first, err := s.Exclude(ctx, bad)
	must(t, err)
	again, err := s.Exclude(ctx, bad)
	must(t, err)
	equal(t, "the same exclusion again", again, first)
	other := bad
	other.Author = "bob"
	if _, err := s.Exclude(ctx, other); !errors.Is(err, sweep.ErrExists) || !strings.Contains(err.Error(), "excluded by ada (rule loss-spike) on ") {
		t.Errorf("another exclusion of it: %v", err)
	}
	back, err := s.Include(ctx, runs[0].ID, "bob", "the shard was fine")
	must(t, err)
	if back.WithdrawnAt == nil || back.WithdrawnBy != "bob" || back.Author != "ada" {
		t.Errorf("included: %+v", back)
	}
	if _, err := s.Include(ctx, runs[0].ID, "bob", ""); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("included twice: %v", err)
	}
	second, err := s.Exclude(ctx, other)
	must(t, err)
	for filter, want := range map[ExclusionFilter][]Exclusion{
		{}: {back, second}, {Run: runs[0].ID}: {back, second}, {Sweep: "grid"}: {back, second},
		{Standing: true}: {second}, {Run: runs[1].ID}: {}, {Sweep: "other"}: {},
	} {
		got, err := s.Exclusions(ctx, filter)
		must(t, err)
		equal(t, "the history", got, want)
	}
}

func TestExclusionsThatAreNone(t *testing.T) {
	s, runs := open(t), makeRuns(t, 1)
	create(t, s, "grid", runs, 1, 0)
	for _, c := range []struct {
		e    Exclusion
		want error
	}{
		{Exclusion{RunID: "none", Author: "ada", Reason: "r"}, sweep.ErrNotFound},
		{Exclusion{RunID: runs[0].ID, Author: "ada"}, sweep.ErrBadInput},
		{Exclusion{RunID: runs[0].ID, Reason: "r"}, sweep.ErrBadInput},
	} {
		if _, err := s.Exclude(ctx, c.e); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.e, err, c.want)
		}
	}
	if n := count(t, s, "select count(*) from exclusions"); n != 0 {
		t.Errorf("%d exclusions are stored", n)
	}
}

// A run that is out has no score for a fit, and the reason is who took it out and why.
func TestExcludedRunsHaveNoScore(t *testing.T) {
	s, runs := open(t), makeRuns(t, 1)
	create(t, s, "grid", runs, 1, 0)
	succeed(t, s, runs[0], 0.5)
	e, err := s.Exclude(ctx, Exclusion{RunID: runs[0].ID, Author: "ada", Reason: "broken shard"})
	must(t, err)
	got, err := s.FitInputs(ctx, "grid", "icons-test/top1_error")
	must(t, err)
	equal(t, "while it is out", got, []sweep.ScoredRun{{Run: runs[0], State: sweep.Succeeded, Reason: e.String()}})
	if _, err = s.Include(ctx, runs[0].ID, "ada", ""); err != nil {
		t.Fatal(err)
	}
	if got, err = s.FitInputs(ctx, "grid", "icons-test/top1_error"); err != nil || got[0].Score == nil || got[0].Reason != "" {
		t.Errorf("included again: %+v, %v", got, err)
	}
}

func TestStaleFits(t *testing.T) {
	s, runs := open(t), makeRuns(t, 6)
	create(t, s, "grid", runs[:5], 5, 0)
	for _, r := range runs[:3] {
		succeed(t, s, r, 0.5)
	}
	f := fitOf("f", "grid", runs[:3], -0.1)
	must(t, s.AddFit(ctx, f))
	grouped := fitOf("g", "grid", runs[:3], -0.1)
	group := "icons-6k" // of runs 0 to 3; 4 and 5 are of icons-32k
	grouped.GroupBy, grouped.Options.Group = "data", &group
	must(t, s.AddFit(ctx, grouped))
	is := func(what string, want map[string]string) {
		t.Helper()
		got, err := s.Stale(ctx, "f", "g", "no such fit")
		must(t, err)
		equal(t, what, got, want)
	}
	short := func(i int) string { return runs[i].ID[:12] }
	is("nothing changed", map[string]string{})
	succeed(t, s, runs[4], 0.4)
	is("a run landed, of another group", map[string]string{"f": "added: " + short(4)})
	if _, err := s.Exclude(ctx, Exclusion{RunID: runs[4].ID, Author: "ada", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	is("and was excluded, which the fit never took", map[string]string{})
	if _, err := s.Exclude(ctx, Exclusion{RunID: runs[0].ID, Author: "ada", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	again := score(runs[1], runs[1].Steps(), 0.3)
	again.Revision = "r2"
	must(t, s.AddEvaluations(ctx, []sweep.Evaluation{again, score(runs[2], 1, 0.9)}))
	reason := "excluded: " + short(0) + "; rescored: " + short(1)
	is("one excluded, one rescored; an earlier checkpoint does not count", map[string]string{"f": reason, "g": reason})
	if n := count(t, s, "select count(*) from scaling_coefficients where fit = 'f' and stale = $1", reason); n != 2 {
		t.Errorf("the view marks %d of 2 coefficients", n)
	}
	if _, err := s.Include(ctx, runs[0].ID, "ada", ""); err != nil {
		t.Fatal(err)
	}
	is("included again", map[string]string{"f": "rescored: " + short(1), "g": "rescored: " + short(1)})
	create(t, s, "grid", runs, 6, 0)
	must(t, s.SetRunState(ctx, runs[5].ID, sweep.Failed, "r"))
	is("extended by a run that failed", map[string]string{"f": "rescored: " + short(1), "g": "rescored: " + short(1)})
	fits, err := s.FitsOf(ctx, runs[0].ID)
	must(t, err)
	equal(t, "fits of a run", fits, []string{"f", "g"})
}

// A fit that looked at a run and left it out (another recipe was better) is not stale by it.
func TestRunsThatWereLookedAtAreNotNew(t *testing.T) {
	s, runs := open(t), makeRuns(t, 3)
	create(t, s, "grid", runs, 3, 0)
	for _, r := range runs {
		succeed(t, s, r, 0.5)
	}
	f := fitOf("f", "grid", runs, -0.1)
	f.Inputs[2].E, f.Inputs[2].Reason = 0, "another recipe is better"
	must(t, s.AddFit(ctx, f))
	got, err := s.Stale(ctx, "f")
	must(t, err)
	equal(t, "stale", got, map[string]string{})
}
