package figure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
)

// addRuns puts the runs on top, those that the laws rest on last and outlined.
func (f *Figure) addRuns(e *encoder, in LawInput) {
	role := roleOf(in.Laws)
	layers := []Layer{{Kind: Points, Name: "runs"}, {Kind: Points, Name: "used"}, {Kind: Points, Name: "held out"}}
	far := f.farOff(in, role)
	cloud := Layer{Kind: Cloud, Name: "runs far off the frontier"}
	for _, r := range in.Runs {
		m := e.mark(r)
		i := role[r.ID]
		if far[r.ID] {
			m.Data, m.Hint, m.Size = nil, "", cloudDot
			cloud.Marks = append(cloud.Marks, m)
			continue
		}
		switch i {
		case used:
			m.Ring = true
		case held:
			m.Hollow = true
		}
		m.Data = append(m.Data, Datum{"role", layers[i].Name})
		layers[i].Marks = append(layers[i].Marks, m)
	}
	if len(cloud.Marks) > 0 {
		f.Layers = append(f.Layers, cloud)
	}
	for i := range layers {
		slices.SortStableFunc(layers[i].Marks, func(a, b Mark) int { return int(sign(b.Size - a.Size)) })
		if len(layers[i].Marks) > 0 {
			f.Layers = append(f.Layers, layers[i])
		}
	}
}

// What a run is to the laws.
const (
	shown = iota
	used
	held
)

func roleOf(laws []FittedLaw) map[string]int {
	role := map[string]int{}
	for _, l := range laws {
		if restsOnAll(l.Result) {
			continue // all are used: no outline tells them apart
		}
		for _, id := range l.Result.Used {
			role[id] = used
		}
	}
	for _, l := range laws {
		if l.Result.Holdout != nil {
			for _, p := range l.Result.Holdout.Points {
				role[p.ID] = held
			}
		}
	}
	return role
}

// addHeld draws how far held out runs of the frontier lie from their prediction.
func (f *Figure) addHeld(r fit.Result, in LawInput) {
	if r.Holdout == nil || len(r.Holdout.Points) == 0 {
		return
	}
	l := Layer{Kind: Miss, Name: "miss", Ink: Warn}
	for _, h := range r.Holdout.Points {
		if !h.OnFrontier {
			continue // the law is about the best runs
		}
		m := Mark{ID: h.ID, X: h.C, Low: min(h.E, h.Value), High: max(h.E, h.Value), Label: missed(h.Miss, in.Loss)}
		l.Marks = append(l.Marks, m)
	}
	f.Layers = append(f.Layers, l)
	b := Block{Title: "Held out", Keys: []Key{{Kind: Points, Ink: Muted, Hollow: true, Size: 5.5, Text: "run not fitted"}, {Kind: Miss, Ink: Warn, Text: "miss on the frontier"}}}
	b.Lines = []string{fmt.Sprintf("%d of these %d in their interval", r.Holdout.Inside, r.Holdout.Scored)}
	f.Legend = append(f.Legend, b)
}

// missed writes a miss in percentage points, or as it is for a loss.
func missed(v float64, loss bool) string {
	text := fmt.Sprintf("%+.1f pp", 100*v)
	if loss {
		text = fmt.Sprintf("%+.3g", v)
	}
	return strings.ReplaceAll(text, "-", minus)
}
