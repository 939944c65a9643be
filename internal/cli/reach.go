package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
)

// reachView is what it takes to reach an error, by the law that was asked or, where it is that
// of one data set, by its neighbours of the other data sets, too.
type reachView struct {
	Fit   string  `json:"fit"`
	Group *string `json:"group"`
	fit.Target
	Cell     *trainable `json:"cell"`     // what to train; null when the law is refused there
	Cheapest *bool      `json:"cheapest"` // of the laws that reach this error; null where no two do
}

// reach turns laws round: from errors to compute and cells.
func (s *session) reach(ctx context.Context, prefix string, targets []float64) error {
	asked, err := s.store.Fit(ctx, prefix)
	if err != nil {
		return err
	}
	laws, err := s.neighbours(ctx, asked)
	if err != nil {
		return err
	}
	var views []reachView
	for _, law := range laws {
		found, err := s.reachBy(ctx, law, targets)
		if err != nil {
			return err
		}
		views = append(views, found...)
	}
	markCheapest(views)
	if err := s.app.printFound(append([]reachView{}, views...), reachTable(views)); err != nil {
		return err
	}
	return errors.Join(s.app.refusals(laws), s.unreached(views))
}

// neighbours are the newest fits of the same question about the other data sets, the asked one
// first. A law over all data, or of one model, stands alone.
func (s *session) neighbours(ctx context.Context, asked fit.Record) ([]fit.Record, error) {
	laws := []fit.Record{asked}
	if asked.GroupBy != "data" {
		return laws, nil
	}
	all, err := s.store.Fits(ctx, store.FitFilter{Sweep: asked.Sweep, Metric: asked.Metric, Law: asked.Options.Law, Rule: asked.Options.Rule})
	for _, f := range all {
		if f.GroupBy == "data" && f.Select == asked.Select && *f.Options.Group != *asked.Options.Group {
			laws = append(laws, f)
		}
	}
	return laws, err
}

func (s *session) reachBy(ctx context.Context, law fit.Record, errs []float64) ([]reachView, error) {
	targets, err := law.Reach(ctx, errs)
	if err != nil || len(targets) == 0 {
		return nil, err
	}
	family, err := s.familyOf(ctx, law)
	if err != nil {
		return nil, err
	}
	var views []reachView
	for _, t := range targets {
		v := reachView{Fit: law.ID, Group: law.Options.Group, Target: t}
		if t.Status == "ok" {
			best, err := law.Split(t.C)
			if err != nil {
				return nil, err
			}
			v.Cell = family.cell(t, best)
			v.Warnings = append(v.Warnings, v.Cell.notes...)
		}
		views = append(views, v)
	}
	return views, nil
}

// unreached says which errors no law reaches and, of the others, why their data was chosen and
// what to beware of; when none is reached, that is an error.
func (s *session) unreached(views []reachView) error {
	refused := 0
	for _, v := range views {
		by := strings.TrimSpace("by fit " + shortID(v.Fit) + onGroup(v.Group))
		if v.Reason != nil {
			refused++
			s.app.say("E = %.4g %s: %s [%s]", v.E, by, v.Reason.Text, v.Reason.Code)
		}
		if v.Cell != nil && v.Cell.DataReason != "" {
			s.app.say("E = %.4g %s: on %s: %s", v.E, by, v.Cell.Data, v.Cell.DataReason)
		}
		for _, n := range v.Warnings {
			s.app.say("warning: E = %.4g %s: %s [%s]", v.E, by, n.Text, n.Code)
		}
	}
	if len(views) == 0 || refused < len(views) {
		return nil
	}
	return silently(fmt.Errorf("no error is reached: %w", errRefused))
}
