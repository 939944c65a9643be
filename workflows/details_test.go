package workflows

import (
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

func TestSweepDetails(t *testing.T) {
	p := Progress{State: sweep.Running, Total: 10, InFlight: []string{"a", "b"}, Concurrency: 2, GPUHours: 1.5, GPULimit: 3,
		Counts: map[sweep.State]int{sweep.Succeeded: 4, sweep.Failed: 1}}
	laws := []activities.FitOutcome{{Metric: "icons-test/top1_error", Rule: "pareto", Formula: "E = 2 C^-0.1", Used: 3, Points: 4}}
	want := "**s** is running: 10 cells, 2 in flight, 2 at once, 1.5 device hours of 3\n\n" +
		"| state | cells | share |\n|---|---:|---:|\n| succeeded | 4 | 40 % |\n| failed | 1 | 10 % |\n| in flight | 2 | 20 % |\n| to do | 3 | 30 % |\n\n" +
		"| metric | group | rule | law | points |\n|---|---|---|---|---:|\n| icons-test/top1\\_error | all | pareto | E = 2 C^-0.1 | 3 of 4 |\n\n" +
		"What went wrong last:\n\n- c failed: no \\| space left\n\n[Its grid](http://here/sweeps/s)\n\n[Its law](http://here/sweeps/s/law)"
	if got := sweepDetails("s", "http://here/", p, laws, []string{"c failed: no | space\nleft"}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := sweepDetails("s", "", Progress{}, nil, nil); strings.Contains(got, "](") || strings.Contains(got, "wrong") {
		t.Errorf("without pages, laws and failures: %s", got)
	}
}

func TestRunDetails(t *testing.T) {
	got := runDetails("abc", "http://here", sweep.Paused, 1, 3, "out of memory <b>")
	for _, want := range []string{"| abc | paused | 1 of 3 |", `Last failure: out of memory \<b\>`, "[Its page](http://here/runs/abc)"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(runDetails("abc", "", sweep.Running, 0, 3, ""), "failure") {
		t.Error("nothing failed")
	}
}
