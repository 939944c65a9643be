package cli

import (
	"cmp"
	"math"
	"slices"
)

// markCheapest tells, for each error that several laws reach, which gets there with the least
// compute.
func markCheapest(views []reachView) {
	reaching := map[float64][]int{}
	for i, v := range views {
		if v.Status == "ok" {
			reaching[v.E] = append(reaching[v.E], i)
		}
	}
	for _, laws := range reaching {
		if len(laws) < 2 {
			continue
		}
		best := slices.MinFunc(laws, func(a, b int) int { return cmp.Compare(views[a].C, views[b].C) })
		for _, i := range laws {
			is := i == best
			views[i].Cheapest = &is
		}
	}
}

func reachTable(views []reachView) *table {
	t := &table{header: []string{"E", "group", "C", "lower", "upper", "run lower", "run upper", "model", "data", "samples seen", "from", "to", "cheapest", "fit"}}
	for _, v := range views {
		if v.Cell == nil {
			t.add(v.E, v.Group, v.Reason.Code, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, id(v.Fit))
			continue
		}
		t.add(v.E, v.Group, v.C, v.LawInterval[0], v.LawInterval[1], v.RunInterval[0], v.RunInterval[1],
			v.Cell.Model, v.Cell.Data, roughly(&v.Cell.Samples), roughly(v.Cell.SamplesInterval[0]), roughly(v.Cell.SamplesInterval[1]), mark(v.Cheapest), id(v.Fit))
	}
	return t
}

// mark is a yes or no that need not be there.
func mark(is *bool) any {
	if is == nil {
		return nil
	}
	return *is
}

// roughly is a number of samples with as many digits as a law knows; nil where there is none.
func roughly(n *int64) any {
	if n == nil {
		return nil
	}
	scale := math.Pow(10, max(0, math.Floor(math.Log10(float64(*n)))-2))
	return samples(math.Round(float64(*n)/scale) * scale)
}
