package web

import "github.com/scalelaw/scalelaw/sweep"

// part is the share of a study's cells that are in a state, as a stretch of a bar of 100.
type part struct {
	State       sweep.State
	Count       int
	From, Width float64
}

// order is how states follow each other in bars and legends.
var order = []sweep.State{sweep.Succeeded, sweep.Running, sweep.Paused, sweep.Failed, sweep.Diverged, sweep.Cancelled, sweep.Planned}

// parts are the states that a study's cells are in; those that nothing is known of are planned.
func parts(counts map[sweep.State]int, total int) []part {
	all, at, left := []part{}, 0.0, total
	for _, state := range order {
		n := counts[state]
		if state == sweep.Planned {
			n = left
		}
		if n > 0 {
			width := 100 * float64(n) / float64(max(total, 1))
			all = append(all, part{state, n, at, width})
			at += width
		}
		left -= n
	}
	return all
}
