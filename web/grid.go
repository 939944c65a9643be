package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// gridPage is a study's front page: its runs by model, samples seen and data scale.
type gridPage struct {
	Study    sweep.SweepSummary `json:"study"`
	Runs     []store.GridRun    `json:"runs"`
	Pace     pace               `json:"pace"`
	Metric   string             `json:"metric,omitempty"` // that cells show
	Limits   sweep.Limits       `json:"limits"`
	Fields   []string           `json:"fields"`            // axes that are folded into cells, beside the seed
	Waiting  bool               `json:"waiting,omitempty"` // it was submitted; no worker has planned it yet
	Scales   []scale            `json:"-"`
	Troubles []trouble          `json:"-"`
	More     int                `json:"-"` // troubles beyond those
	Done     int                `json:"-"`
}

// scale is the table of a data scale.
type scale struct {
	Data    string
	Samples []int64
	Rows    []gridRow
}

type gridRow struct {
	Model string
	Cells []cell
}

// grid answers /sweeps/{sweep}.
func grid(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	summary, err := s.backend.SweepSummary(ctx, name)
	if errors.Is(err, sweep.ErrNotFound) && s.backend.Waiting(ctx, name) {
		return view{template: "grid", title: "Grid", tab: "grid", sweep: name, data: gridPage{Waiting: true, Study: sweep.SweepSummary{SweepRecord: sweep.SweepRecord{Name: name, State: sweep.Queued}}}}, nil
	}
	if err != nil {
		return view{}, err
	}
	spec, err := specOf(summary.SweepRecord)
	if err != nil {
		return view{}, err
	}
	p := gridPage{Study: summary, Limits: spec.Limits, Fields: folded(spec)}
	if len(spec.Fits) > 0 {
		p.Metric = spec.Fits[0].Metric
	}
	if p.Runs, err = s.backend.GridRuns(ctx, name, p.Metric, p.Fields); err != nil {
		return view{}, err
	}
	p.Pace, p.Scales = paceOf(p.Runs), scales(p.Runs, p.Fields)
	p.Troubles, p.More = troubles(p.Runs)
	p.Done = summary.Counts[sweep.Succeeded]
	if goesOn(summary.State) && q.Header.Get("HX-Request") == "" { // the forms are no part of what changes live
		if limits, err := s.backend.Limits(ctx, name); err == nil {
			p.Limits = limits
		}
	}
	return view{template: "grid", title: "Grid", tab: "grid", sweep: name, data: p}, nil
}

// specOf reads the spec of a study.
func specOf(r sweep.SweepRecord) (spec sweep.Spec, err error) {
	if err = json.Unmarshal(r.Spec, &spec); err != nil {
		err = fmt.Errorf("read the stored spec of sweep %s: %w", r.Name, err)
	}
	return spec, err
}

// goesOn reports that a sweep's workflow listens.
func goesOn(s sweep.State) bool {
	return s == sweep.Running || s == sweep.Paused || s == sweep.BudgetReached || s == sweep.Planned || s == sweep.Queued
}

// Live, CanRetry and CanRetryDiverged say which forms make sense.
func (p gridPage) Live() bool { return goesOn(p.Study.State) }

// CanRetry reports runs that failed or were cancelled, or laws that are missing.
func (p gridPage) CanRetry() bool {
	c := p.Study.Counts
	return c[sweep.Failed]+c[sweep.Cancelled] > 0 || p.Study.State == sweep.Cancelled || p.Study.State == sweep.Failed && p.Done == p.Study.Total
}

// CanRetryDiverged reports runs that diverged.
func (p gridPage) CanRetryDiverged() bool { return p.Study.Counts[sweep.Diverged] > 0 }

// folded are the axes of a grid that have no direction of the table, but the seed.
func folded(spec sweep.Spec) []string {
	fields := []string{}
	for _, axis := range spec.Grid {
		switch axis.Field {
		case "model", "data", "samples_seen", "seed":
		default:
			fields = append(fields, axis.Field)
		}
	}
	return fields
}

// scales arranges runs in tables: data and models in the order of the plan, samples by size.
func scales(runs []store.GridRun, fields []string) []scale {
	type place struct {
		data, model string
		samples     int64
	}
	at := map[place][]store.GridRun{}
	var datas []string
	models, samples := map[string][]string{}, map[string][]int64{}
	for _, r := range runs {
		here := place{r.Data, r.Model, r.SamplesSeen}
		at[here] = append(at[here], r)
		datas = addOnce(datas, r.Data)
		models[r.Data] = addOnce(models[r.Data], r.Model)
		if !slices.Contains(samples[r.Data], r.SamplesSeen) {
			samples[r.Data] = append(samples[r.Data], r.SamplesSeen)
		}
	}
	all := []scale{}
	for _, data := range datas {
		t := scale{Data: data, Samples: samples[data]}
		slices.Sort(t.Samples)
		for _, model := range models[data] {
			row := gridRow{Model: model}
			for _, n := range t.Samples {
				row.Cells = append(row.Cells, cellOf(at[place{data, model, n}], fields))
			}
			t.Rows = append(t.Rows, row)
		}
		all = append(all, t)
	}
	return all
}
