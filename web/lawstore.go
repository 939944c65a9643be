package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// storeLaw stores what the page shows as records. They are in GMACs, whatever the page counts in.
func storeLaw(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	c, err := s.posted(ctx, q)
	if err != nil {
		return view{}, err
	}
	records, err := s.storeAsked(ctx, name, c)
	if err != nil {
		return view{}, err
	}
	to := lawAddress(name, "law", c.query(), nil)
	if len(records) == 1 {
		to = fitAddress(records[0].ID)
	}
	var all []lawFit
	for _, r := range records {
		all = append(all, lawFit{Fit: r.ID, Sweep: r.Sweep, Metric: r.Metric, Result: r.Result})
	}
	return view{redirect: to, data: all}, nil
}

// posted are the choices of a form, with the study's own metric where none was chosen.
func (s *Server) posted(ctx context.Context, q *http.Request) (c choices, err error) {
	if err := q.ParseForm(); err != nil {
		return c, fmt.Errorf("%w: the form: %w", sweep.ErrBadInput, err)
	}
	if c, err = readChoices(q.Form); err == nil {
		c.Metric, err = study.MetricOf(ctx, s.backend, q.PathValue("sweep"), c.Metric)
	}
	return c, err
}

func (s *Server) storeAsked(ctx context.Context, name string, c choices) ([]fit.Record, error) {
	summary, err := s.backend.SweepSummary(ctx, name)
	if err != nil {
		return nil, err
	}
	c.Unit, c.Checks = "", true
	if c.GroupBy == "" {
		c.Group = ""
	}
	note(ctx, "store fit", name, c.key())
	ask, err := c.ask(summary.Total)
	if err != nil {
		return nil, err
	}
	value, err := s.answers.must(ctx, "store "+name+"?"+c.key(), freshFor, func(ctx context.Context, _ any) (any, error) {
		return ask.Put(ctx, s.backend, s.options.Version, name, true)
	})
	if err != nil {
		return nil, err
	}
	return value.([]fit.Record), nil
}
