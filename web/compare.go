package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// comparedAtMost is how many runs stand side by side.
const comparedAtMost = 6

// comparePage is runs side by side.
type comparePage struct {
	Runs    []store.RunDetail `json:"runs"`
	Differ  []row             `json:"differ"` // recipe fields that are not the same in all
	Same    []row             `json:"same"`
	Scores  []row             `json:"scores"`
	Query   string            `json:"-"` // the runs and the curve's, of addresses
	Measure string            `json:"-"`
}

// row is a field with its value in each run; empty: the run has none.
type row struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// compared are the runs that ?run= names, each by the beginning of its id.
func compared(ctx context.Context, s *Server, q url.Values) ([]store.RunDetail, error) {
	var names []string
	for _, name := range q["run"] {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	if len(names) > comparedAtMost {
		return nil, fmt.Errorf("run: %w: %d runs; %d fit side by side", sweep.ErrBadInput, len(names), comparedAtMost)
	}
	var runs []store.RunDetail
	for _, name := range names {
		d, err := s.backend.RunDetail(ctx, name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(runs, func(r store.RunDetail) bool { return r.ID == d.ID }) {
			runs = append(runs, d)
		}
	}
	return runs, nil
}

func compareRuns(ctx context.Context, s *Server, r *http.Request) (view, error) {
	q := r.URL.Query()
	page := comparePage{}
	c, err := curveOf(q)
	if err != nil {
		return view{}, err
	}
	if page.Runs, err = compared(ctx, s, q); err != nil {
		return view{}, err
	}
	asked := c.query()
	for _, d := range page.Runs {
		asked.Add("run", d.ID)
	}
	page.Query, page.Measure = asked.Encode(), c.measure
	err = page.tell()
	return view{template: "compare", title: "Compare runs", tab: "runs", data: page}, err
}

// tell lays the runs' fields and scores side by side.
func (p *comparePage) tell() error {
	columns := make([][]field, len(p.Runs))
	scores := make([][]field, len(p.Runs))
	for i, d := range p.Runs {
		all, err := fields(d.Run)
		if err != nil {
			return err
		}
		columns[i] = all
		for _, e := range d.Scores {
			scores[i] = append(scores[i], field{e.Task + "/" + e.Metric, significant(e.Value)})
		}
	}
	for _, r := range beside(columns) {
		if slices.ContainsFunc(r.Values, func(v string) bool { return v != r.Values[0] }) {
			p.Differ = append(p.Differ, r)
		} else {
			p.Same = append(p.Same, r)
		}
	}
	p.Scores = beside(scores)
	return nil
}

// beside has a row a name, in the order in which the columns name them first.
func beside(columns [][]field) []row {
	var rows []row
	at := map[string]int{}
	for i, column := range columns {
		for _, f := range column {
			k, ok := at[f.Name]
			if !ok {
				k = len(rows)
				at[f.Name] = k
				rows = append(rows, row{f.Name, make([]string, len(columns))})
			}
			rows[k].Values[i] = f.Value
		}
	}
	return rows
}
