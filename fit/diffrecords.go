package fit

import (
	"cmp"
	"fmt"
	"slices"
)

// Difference is what changed from one record to another.
type Difference struct {
	A            string              `json:"a"` // id
	B            string              `json:"b"`
	Same         bool                `json:"same"`
	Question     []Change            `json:"question"` // sweep, metric, grouping and options
	Runs         []RunChange         `json:"runs"`
	Status       [2]string           `json:"status"` // ok, or the code of the refusal
	Coefficients []CoefficientChange `json:"coefficients"`
}

// RunChange is a run that the two records see differently. Added and withdrawn are about the
// runs that have an error at all; moved about which of them the law was fitted to.
type RunChange struct {
	Run    string   `json:"run"`
	Change string   `json:"change"` // added, withdrawn, rescored, moved
	A      RunState `json:"a"`
	B      RunState `json:"b"`
}

// RunState is a run in one record.
type RunState struct {
	Known  bool    `json:"known"` // it is among the inputs
	E      float64 `json:"e"`     // of its point, as a fraction; 0: it has none
	Used   bool    `json:"used"`  // the law was fitted to its point
	Reason string  `json:"reason,omitempty"`

	basis string // what the error was measured on
}

// CoefficientChange is a coefficient in both records, where it is there.
type CoefficientChange struct {
	Name       string       `json:"name"`
	A          *Coefficient `json:"a"`
	B          *Coefficient `json:"b"`
	Difference *float64     `json:"difference"` // B - A; whether it says anything, compare tells
}

// Diff says what changed from record a to record b.
func Diff(a, b Record) (Difference, error) {
	question, err := changesBetween(asked(a), asked(b))
	if err != nil {
		return Difference{}, err
	}
	return Difference{
		A: a.ID, B: b.ID, Same: a.ID == b.ID, Question: question, Runs: runChanges(a, b),
		Status: [2]string{standing(a.Result), standing(b.Result)}, Coefficients: coefficientChanges(a.Result, b.Result),
	}, nil
}

// asked is a record without its runs and its result.
func asked(r Record) any {
	return struct {
		Sweep   string  `json:"sweep"`
		Metric  string  `json:"metric"`
		GroupBy string  `json:"group_by"`
		Select  string  `json:"select"`
		Options Options `json:"options"`
	}{r.Sweep, r.Metric, r.GroupBy, r.Select, r.Options}
}

func standing(r Result) string {
	if r.Reason != nil {
		return "refused: " + r.Reason.Code
	}
	return r.Status
}

// runChanges are in the order of the runs' ids.
func runChanges(a, b Record) []RunChange {
	before, after := runStates(a), runStates(b)
	var ids []string
	for id := range before {
		ids = append(ids, id)
	}
	for id := range after {
		if _, twice := before[id]; !twice {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	changes := []RunChange{}
	for _, id := range ids {
		if what := changeOf(before[id], after[id]); what != "" {
			changes = append(changes, RunChange{Run: id, Change: what, A: before[id], B: after[id]})
		}
	}
	slices.SortStableFunc(changes, func(x, y RunChange) int { return cmp.Compare(rank(x.Change), rank(y.Change)) })
	return changes
}

func rank(change string) int {
	return slices.Index([]string{"added", "withdrawn", "rescored", "moved"}, change)
}

func changeOf(a, b RunState) string {
	switch {
	case a.E <= 0 && b.E > 0:
		return "added"
	case a.E > 0 && b.E <= 0:
		return "withdrawn"
	case a.E > 0 && a.basis != b.basis:
		return "rescored"
	case a.Used != b.Used:
		return "moved"
	}
	return ""
}

// runStates are the runs of a record by id.
func runStates(r Record) map[string]RunState {
	states := map[string]RunState{}
	for _, in := range r.Inputs {
		for _, run := range in.Runs {
			basis := fmt.Sprintf("%d %s %s %g", in.Step, in.Revision, in.Evaluator, in.E)
			for _, s := range in.Scores {
				if s.Run == run {
					basis = fmt.Sprintf("%d %s %s %s %g", s.Step, s.Checkpoint, s.Revision, s.Evaluator, s.Value)
				}
			}
			states[run] = RunState{Known: true, E: in.E, Used: in.Used, Reason: in.Reason, basis: basis}
		}
	}
	return states
}

// coefficientChanges are in the order of a, then those that only b has.
func coefficientChanges(a, b Result) []CoefficientChange {
	changes := []CoefficientChange{}
	for _, c := range a.Coefficients {
		changes = append(changes, CoefficientChange{Name: c.Name, A: &c})
	}
	for _, c := range b.Coefficients {
		i := slices.IndexFunc(changes, func(x CoefficientChange) bool { return x.Name == c.Name })
		if i < 0 {
			changes = append(changes, CoefficientChange{Name: c.Name, B: &c})
			continue
		}
		difference := c.Value - changes[i].A.Value
		changes[i].B, changes[i].Difference = &c, &difference
	}
	return changes
}
