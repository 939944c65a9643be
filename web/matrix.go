package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// draftScale is the matrix of a data scale: the cells that are planned, and those that could be.
type draftScale struct {
	Data    string
	Samples []int64
	Rows    []draftRow
}

type draftRow struct {
	Model string
	Cells []draftCell
}

// draftCell is a place of it with the runs that are planned there.
type draftCell struct {
	Key     string // names the place in the form
	Label   string
	Runs    int
	Reused  int
	GMACs   float64
	Seconds float64
	Cost    float64 // 0: unknown
	Fixed   bool    // beside the product of the axes: the matrix does not change it
}

// axesOf are the lists of the grid that the matrix edits.
func axesOf(spec *sweep.Spec) []draftAxis {
	all := []draftAxis{{"model", "Models", ""}, {"data", "Data", ""}, {"samples_seen", "Samples seen", ""}, {"seed", "Seeds", ""}}
	for i, a := range all {
		all[i].Values = strings.Join(valuesOf(spec, a.Field), ", ")
	}
	return all
}

// valuesOf are the values of an axis as a sweep file has them.
func valuesOf(spec *sweep.Spec, field string) []string {
	var values []string
	for _, axis := range spec.Grid {
		if axis.Field != field {
			continue
		}
		for _, v := range axis.Values {
			values = append(values, valueOf(v, field))
		}
	}
	return values
}

func valueOf(v any, field string) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		if field == "samples_seen" {
			return sweep.WriteCount(x)
		}
		return strconv.FormatInt(x, 10)
	}
	return ""
}

func (c *draftCell) add(r sweep.PlannedRun) {
	c.Runs++
	if r.Reused != nil && *r.Reused {
		c.Reused++
		return
	}
	c.GMACs += r.GMACsTotal
	c.Seconds += r.Estimate.Seconds
	if r.Estimate.Cost != nil {
		c.Cost += *r.Estimate.Cost
	}
}

// key names a place in a form.
func key(at sweep.Place) string {
	return strings.Join([]string{at.Model, at.Data, strconv.FormatInt(at.SamplesSeen, 10)}, "|")
}

func placeOf(key string) (at sweep.Place, ok bool) {
	model, rest, _ := strings.Cut(key, "|")
	last := strings.LastIndex(rest, "|")
	if last < 0 {
		return at, false
	}
	n, err := strconv.ParseInt(rest[last+1:], 10, 64)
	return sweep.Place{Model: model, Data: rest[:last], SamplesSeen: n}, err == nil
}

// matrixOf arranges a plan by data, model and samples seen: the product of those axes, and what
// is included beside it.
func matrixOf(spec *sweep.Spec, plan *sweep.PlanResult) []draftScale {
	cells := map[sweep.Place]*draftCell{}
	models, datas := valuesOf(spec, "model"), valuesOf(spec, "data")
	var samples []int64
	for _, axis := range spec.Grid {
		for _, v := range axis.Values {
			if n, ok := v.(int64); ok && axis.Field == "samples_seen" {
				samples = append(samples, n)
			}
		}
	}
	onGrid := func(at sweep.Place) bool {
		return slices.Contains(models, at.Model) && slices.Contains(datas, at.Data) && slices.Contains(samples, at.SamplesSeen)
	}
	for _, r := range plan.Runs {
		at := sweep.Place{Model: r.Model.Name, Data: r.Data.Name, SamplesSeen: r.SamplesSeen}
		if cells[at] == nil {
			cells[at] = &draftCell{Fixed: !onGrid(at)}
		}
		cells[at].add(r)
	}
	for at := range cells {
		models, datas = addOnce(models, at.Model), addOnce(datas, at.Data)
		if !slices.Contains(samples, at.SamplesSeen) {
			samples = append(samples, at.SamplesSeen)
		}
	}
	slices.Sort(samples)
	return layOut(cells, models, datas, samples, onGrid)
}

func layOut(cells map[sweep.Place]*draftCell, models, datas []string, samples []int64, onGrid func(sweep.Place) bool) []draftScale {
	all := []draftScale{}
	for _, data := range datas {
		t := draftScale{Data: data, Samples: samples}
		for _, model := range models {
			row := draftRow{Model: model}
			for _, n := range samples {
				at := sweep.Place{Model: model, Data: data, SamplesSeen: n}
				c := draftCell{Fixed: !onGrid(at)}
				if found := cells[at]; found != nil {
					c = *found
				}
				c.Key, c.Label = key(at), model+" on "+data+", "+sweep.WriteCount(n)+" samples"
				row.Cells = append(row.Cells, c)
			}
			t.Rows = append(t.Rows, row)
		}
		all = append(all, t)
	}
	return all
}

// matrixEdit is what a form of the matrix changes in a file: the lists, and the cells that were
// shown and whose marks are others than what the file says.
func (s *Server) matrixEdit(form url.Values, file string) sweep.Edit {
	e := sweep.Edit{Axes: map[string][]string{}}
	spec, err := parseDraft(file)
	for _, field := range []string{"model", "data", "samples_seen", "seed"} {
		values := strings.FieldsFunc(form.Get("axis."+field), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
		was := []string{}
		if err == nil {
			was = valuesOf(spec, field)
		}
		if form.Has("axis."+field) && !slices.Equal(values, was) && len(values)+len(was) > 0 {
			e.Axes[field] = values
		}
	}
	for _, shown := range form["was"] {
		mark, name, _ := strings.Cut(shown, " ")
		at, ok := placeOf(name)
		now := slices.Contains(form["cell"], name)
		switch {
		case !ok || now == (mark == "on"):
		case now:
			e.Add = append(e.Add, at)
		default:
			e.Remove = append(e.Remove, at)
		}
	}
	return e
}
