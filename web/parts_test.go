package web

import (
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestPartsFillTheBar(t *testing.T) {
	s := sweep.SweepSummary{Total: 10, Counts: map[sweep.State]int{sweep.Succeeded: 4, sweep.Running: 1, sweep.Failed: 2}}
	all := parts(s.Counts, s.Total)
	if len(all) != 4 || all[0].State != sweep.Succeeded || all[3].State != sweep.Planned || all[3].Count != 3 {
		t.Fatalf("%+v", all)
	}
	if last := all[3]; math.Abs(last.From+last.Width-100) > 1e-9 {
		t.Errorf("the bar ends at %g", last.From+last.Width)
	}
	if none := parts(nil, 0); len(none) != 0 {
		t.Errorf("no cells: %+v", none)
	}
}

func TestNavigationHasOnlyPagesThatAreThere(t *testing.T) {
	known := []tab{{"studies", "Studies", "/{$}"}, {"moon", "Moon", "/moon"}}
	got := links(known, "", "studies")
	if len(got) != 1 || got[0] != (link{"Studies", "/", true}) {
		t.Errorf("%+v", got)
	}
}
