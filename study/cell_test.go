package study

import (
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// How often data may be repeated is known of each data set, not of all of them.
func TestDataOfACell(t *testing.T) {
	run := func(name string, pairs, seen int64, compute float64) sweep.Run {
		return sweep.Run{Data: sweep.Dataset{Name: name, Pairs: pairs}, ActualSamplesSeen: seen, GMACsTotal: compute}
	}
	f := family{best: []sweep.Run{run("often", 10, 200, 1), run("once", 1000, 1000, 100), run("large", 9000, 9000, 1e9)}}
	for _, c := range []struct {
		compute  float64
		seen     int64
		want     string
		why      string
		ofOthers []string
	}{
		{1, 200, "often", "nearest in compute", nil},
		{100, 900, "once", "nearest in compute", nil},
		{100, 5000, "large", "it is the largest; of once, ", []string{"are 5 epochs, beyond the 1 that"}},
		{1e9, 1e6, "large", "none on more data", nil},
	} {
		data, why := f.data(c.compute, c.seen)
		if data.Name != c.want {
			t.Errorf("C = %g, %d samples: %s, want %s", c.compute, c.seen, data.Name, c.want)
		}
		for _, want := range append(c.ofOthers, c.why) {
			if !strings.Contains(why, want) {
				t.Errorf("why: %q lacks %q", why, want)
			}
		}
	}
	if _, why := (family{best: f.best[:1]}).data(1, 1e9); why != "" {
		t.Errorf("there was no choice: %s", why)
	}
	if once := f.epochs(f.best[1].Data); once != 1 {
		t.Errorf("%g epochs of what was seen once", once)
	}
}
