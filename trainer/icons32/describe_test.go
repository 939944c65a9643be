package icons32

import (
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestDescribe(t *testing.T) {
	data, _ := sweep.LookupDataset("icons-6k")
	d, err := Describe(data)
	if err != nil {
		t.Fatal(err)
	}
	if d.Splits["test"]+d.NearTwins["test"] != d.Splits["test-all"] || d.Classes != 175 || len(d.Captions) != 5 {
		t.Errorf("%+v", d)
	}
	pairs := 0
	for i, p := range d.Packs {
		pairs += p.Pairs
		if p.Licence == "" || i > 0 && p.Pairs > d.Packs[i-1].Pairs {
			t.Errorf("pack %d: %+v", i, p)
		}
	}
	if int64(pairs) != data.Pairs {
		t.Errorf("the packs have %d pairs, the data set %d", pairs, data.Pairs)
	}
	for i, f := range d.Frequencies {
		if f.Count < 1 || i < allRanks && f.Rank != i+1 || i > 0 && (f.Rank <= d.Frequencies[i-1].Rank || f.Count > d.Frequencies[i-1].Count) {
			t.Errorf("frequency %d: %+v", i, f)
		}
	}
	if n := len(d.Frequencies); n < 50 || n > 150 || d.Words < 1000 {
		t.Errorf("%d of %d words", n, d.Words)
	}
}

func TestSamples(t *testing.T) {
	s := mustLoad(t)
	got, total, err := s.Samples("test", 0, 2, 3)
	if err != nil || len(got) != 3 || total < 2000 || got[0].Class == "" || got[0].Caption == "" {
		t.Errorf("%+v of %d: %v", got, total, err)
	}
	if got, total, err = s.Samples("train", 10, 8, 5); err != nil || len(got) != 2 || total != 10 || got[0].Class != "" {
		t.Errorf("%+v of %d: %v", got, total, err)
	}
	if got, _, err = s.Samples("test", 0, 1_000_000, 3); err != nil || len(got) != 0 {
		t.Errorf("%+v: %v", got, err)
	}
	if _, _, err = s.Samples("nothing", 0, 0, 3); err == nil {
		t.Error("an unknown split, no error")
	}
}
