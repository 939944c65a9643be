package web

import (
	"fmt"
	"strings"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// cell is a place of the grid: no run, one, or several that differ in what is folded into it.
type cell struct {
	Text  string
	Score string      // of the run, where it is one; empty: none yet
	State sweep.State // the one that asks most for a look
	Runs  []mark
	Bar   []part // in place of marks, where they would be too many
}

// mark is a run in a cell.
type mark struct {
	RunID, Address string
	State          sweep.State
	Label          string // what it is and where it stands
	Filled         string // share that is done, in percent
}

// maxMarks is how many runs of a cell are shown one by one.
const maxMarks = 12

// urgency orders states by how much they ask for a look; of a cell the last that it has counts.
var urgency = []sweep.State{sweep.Succeeded, sweep.Planned, sweep.Cancelled, sweep.Queued, sweep.Paused, sweep.Running, sweep.Diverged, sweep.Failed}

func cellOf(runs []store.GridRun, fields []string) cell {
	if len(runs) == 0 {
		return cell{}
	}
	counts := map[sweep.State]int{}
	for _, r := range runs {
		counts[r.State]++
	}
	c := cell{Text: fmt.Sprintf("%d of %d done", counts[sweep.Succeeded], len(runs))}
	for _, state := range urgency {
		if counts[state] > 0 {
			c.State = state
		}
	}
	if len(runs) == 1 {
		c.Text = standing(runs[0])
		if v := runs[0].Score; v != nil && runs[0].Excluded == "" {
			c.Score = score(*v)
		}
	}
	if len(runs) > maxMarks {
		c.Bar = parts(counts, len(runs))
		return c
	}
	for _, r := range runs {
		c.Runs = append(c.Runs, mark{
			RunID: r.RunID, Address: runAddress(r.RunID), State: r.State, Filled: fmt.Sprintf("%.0f", 100*r.Progress), Label: label(r, fields),
		})
	}
	return c
}

// score is a share in percent, or another number as it is.
func score(v float64) string {
	if v >= 0 && v <= 1 {
		return percent(v)
	}
	return significant(v)
}

// standing is where a run stands, in a word or two.
func standing(r store.GridRun) string {
	switch {
	case r.Excluded != "":
		return "excluded"
	case r.State == sweep.Running, r.State == sweep.Paused:
		return fmt.Sprintf("%s %.0f %%", r.State, 100*r.Progress)
	case r.State == sweep.Succeeded && r.Origin == sweep.Reused:
		return "reused"
	case r.State == sweep.Succeeded:
		return "done"
	}
	return string(r.State)
}

// label says what a run of a cell is, where it stands and why.
func label(r store.GridRun, fields []string) string {
	words := []string{fmt.Sprintf("seed %d", r.Seed)}
	for i, f := range fields {
		if i < len(r.Fields) {
			words = append(words, f+" "+r.Fields[i])
		}
	}
	text := strings.Join(words, ", ") + ": " + standing(r)
	for _, why := range []string{r.Reason, r.Excluded} {
		if why != "" {
			text += ": " + why
		}
	}
	return text
}
