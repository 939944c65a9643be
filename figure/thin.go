package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// mostMarkers is how many runs of a law's figure have a marker each, that can be hovered. Of more
// runs the rest are dots: a picture of 5,000 markers says no more, and weighs megabytes.
const mostMarkers = 320

// farOff are the runs that are drawn as dots: those furthest above the best run of no more
// compute, never one that a law rests on or that was held out. A note says how many.
func (f *Figure) farOff(in LawInput, role map[string]int) map[string]bool {
	if len(in.Runs) <= mostMarkers {
		return nil
	}
	runs := slices.Clone(in.Runs)
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Or(cmp.Compare(a.C, b.C), cmp.Compare(a.E, b.E)) })
	above := map[string]float64{}
	best := math.Inf(1)
	for _, r := range runs {
		best = min(best, r.E)
		if role[r.ID] == shown {
			above[r.ID] = math.Log(r.E / best)
		}
	}
	runs = slices.DeleteFunc(runs, func(r Run) bool { return role[r.ID] != shown })
	slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Or(cmp.Compare(above[a.ID], above[b.ID]), cmp.Compare(a.ID, b.ID)) })
	marked := max(0, mostMarkers-(len(in.Runs)-len(runs)))
	far := map[string]bool{}
	for _, r := range runs[min(marked, len(runs)):] {
		far[r.ID] = true
	}
	f.Notes = append(f.Notes, fmt.Sprintf("%d runs far off the frontier are drawn as dots; the other %d have markers", len(far), len(in.Runs)-len(far)))
	return far
}

// Sparse is the figure for a page: of very many points an even choice keeps its markers, the
// rest are dots, under the markers of their layer. A note says so.
func (f Figure) Sparse() Figure {
	points := 0
	for _, l := range f.Layers {
		if l.Kind == Points {
			points += len(l.Marks)
		}
	}
	if points <= mostMarkers {
		return f
	}
	layers, seen, marked := []Layer{}, 0, 0
	for _, l := range f.Layers {
		if l.Kind != Points {
			layers = append(layers, l)
			continue
		}
		cloud, kept := Layer{Kind: Cloud, Name: l.Name + ", as dots"}, l
		kept.Marks = nil
		for _, m := range l.Marks {
			if seen++; (seen-1)*mostMarkers >= marked*points {
				marked++
				kept.Marks = append(kept.Marks, m)
				continue
			}
			m.Data, m.Hint, m.Label, m.Size = nil, "", "", cloudDot
			cloud.Marks = append(cloud.Marks, m)
		}
		layers = append(layers, cloud, kept)
	}
	f.Layers = layers
	f.Notes = append(slices.Clone(f.Notes), fmt.Sprintf("%d of the runs are drawn as dots here; the files have a marker for each", points-marked))
	return f
}
