package cli

import (
	"math"

	"github.com/scalelaw/scalelaw/study"
)

func reachTable(views []study.Reached) *table {
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
