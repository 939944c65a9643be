package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/scalelaw/scalelaw/study"
)

// reach turns laws round: from errors to compute and cells.
func (s *session) reach(ctx context.Context, prefix string, targets []float64) error {
	asked, err := s.store.Fit(ctx, prefix)
	if err != nil {
		return err
	}
	views, laws, err := study.Reach(ctx, s.store, asked, targets)
	if err != nil {
		return err
	}
	if err := s.app.printFound(append([]study.Reached{}, views...), reachTable(views)); err != nil {
		return err
	}
	return errors.Join(s.app.refusals(laws), s.unreached(views))
}

// unreached says which errors no law reaches and, of the others, why their data was chosen and
// what to beware of; when none is reached, that is an error.
func (s *session) unreached(views []study.Reached) error {
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
