package fit

import (
	"fmt"
	"math"
)

// Holdout is how the law did on points of more compute than it was fitted to.
type Holdout struct {
	Above   float64     `json:"above"`
	Points  []HeldPoint `json:"points"`
	Scored  int         `json:"scored"`   // that the rule would take among all points
	Inside  int         `json:"inside"`   // of these, inside the interval of a new run
	RMSMiss *float64    `json:"rms_miss"` // of these, in ln E; null: none was scored
}

// HeldPoint is a point that was predicted. A point off the frontier is shown, not scored: the
// law is about the best runs.
type HeldPoint struct {
	ID          string     `json:"id"`
	C           float64    `json:"c"`
	E           float64    `json:"e"`
	Value       float64    `json:"value"` // predicted
	RunInterval [2]float64 `json:"run_interval"`
	Inside      bool       `json:"inside"`
	Miss        float64    `json:"miss"` // E - value
	OnFrontier  bool       `json:"on_frontier"`
}

// holdOut splits points by compute. Without a limit all are kept.
func holdOut(points []Point, above float64) (kept, held []Point) {
	for _, p := range points {
		if above > 0 && p.C > above {
			held = append(held, p)
		} else {
			kept = append(kept, p)
		}
	}
	return kept, held
}

// score predicts the held points with the law and its intervals.
func (e *estimate) score(ranges intervals) *Holdout {
	if e.o.HoldoutAbove == 0 {
		return nil
	}
	h := &Holdout{Above: e.o.HoldoutAbove, Points: []HeldPoint{}}
	everything := append(append([]Point{}, e.points...), e.held...)
	nodes := sorted(everything)
	onFrontier, _ := membership(everything, nodes, rules[e.o.Rule](nodes, e.o, nil), e.o)
	var squares float64
	for _, n := range sorted(e.held) {
		p := e.held[n.source]
		held := HeldPoint{ID: p.ID, C: p.C, E: p.E, Value: pow10(e.law.at(e.theta, n)), OnFrontier: onFrontier[len(e.points)+n.source]}
		_, held.RunInterval = ranges.prediction(func(l law, theta []float64) float64 { return l.at(theta, n) })
		held.Inside = held.RunInterval[0] <= p.E && p.E <= held.RunInterval[1]
		held.Miss = p.E - held.Value
		h.Points = append(h.Points, held)
		if held.OnFrontier {
			h.Scored++
			squares += square(math.Log(p.E / held.Value))
			if held.Inside {
				h.Inside++
			}
		}
	}
	if h.Scored > 0 {
		rms := math.Sqrt(squares / float64(h.Scored))
		h.RMSMiss = &rms
	}
	return h
}

// heldToo adds to the reason of a refusal how many points were held out, which may be its cause.
func (e *estimate) heldToo(reason *Note) *Note {
	if len(e.held) == 0 {
		return reason
	}
	all := len(e.points) + len(e.held)
	return &Note{reason.Code, fmt.Sprintf("%s; %d of %d points are held out above C = %.4g and not fitted", reason.Text, len(e.held), all, e.o.HoldoutAbove)}
}

// judgeHoldout warns where a holdout was asked for and no point is in it.
func judgeHoldout(notes *remarks, e *estimate) {
	notes.note(e.o.HoldoutAbove > 0 && len(e.held) == 0, "nothing_held_out", "no point has more compute than %.4g: nothing was held out", e.o.HoldoutAbove)
}
