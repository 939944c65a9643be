package kernel

import (
	"errors"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestChoose(t *testing.T) {
	fastest, err := Choose("")
	if err != nil || fastest.Name != Levels()[0] {
		t.Errorf("%v, %v; this CPU has %v", fastest, err, Levels())
	}
	for _, level := range Levels() {
		if s, err := Choose(level); err != nil || s.Name != level {
			t.Errorf("%s: %v, %v", level, s, err)
		}
	}
	if last := Levels()[len(Levels())-1]; last != "portable" {
		t.Errorf("every CPU has the portable level; the last is %s", last)
	}
	if _, err := Choose("sse"); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("an unknown level: %v", err)
	}
}
