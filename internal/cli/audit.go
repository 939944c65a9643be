package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/store"
)

// audited does something that changes what others see, and records who asked for it and how it
// ended.
func (s *session) audited(ctx context.Context, action, target, detail string, do func() error) error {
	err := do()
	row := store.AuditRow{Actor: s.app.author(""), Source: "cli", Action: action, Target: target, Outcome: store.Outcome(err), Detail: detail}
	if err != nil {
		row.Detail = err.Error()
	}
	return errors.Join(err, s.store.Audit(context.WithoutCancel(ctx), row))
}

func (a *app) auditCommand() *cobra.Command {
	var f store.AuditFilter
	var since time.Duration
	c := &cobra.Command{
		Use: "audit", Short: "Who changed what and when, newest first; refused attempts, too", Args: exactly(),
		Example: "  scalelaw audit --limit 20\n  scalelaw audit --target quickstart --since 24h -o json",
		RunE: func(c *cobra.Command, _ []string) error {
			if f.Limit < 1 || f.Limit > store.MaxPage {
				return usage("--limit is %d; it is from 1 to %d", f.Limit, store.MaxPage)
			}
			if since < 0 {
				return usage("--since is %v; it is a time back from now, as in 24h", since)
			}
			if since > 0 {
				f.Since = time.Now().Add(-since)
			}
			return a.withStore(c.Context(), "audit", func(s *session) error { return s.audit(c.Context(), f) })
		},
	}
	c.Flags().StringVar(&f.Actor, "actor", "", "only of this token's label or user")
	c.Flags().StringVar(&f.Action, "action", "", "only this verb, as in \"token create\"")
	c.Flags().StringVar(&f.Target, "target", "", "only about this sweep, run, fit or token")
	c.Flags().StringVar(&f.RequestID, "request", "", "only of this HTTP request")
	c.Flags().DurationVar(&since, "since", 0, "only since then, as in 24h")
	c.Flags().IntVar(&f.Limit, "limit", store.DefaultPage, "rows")
	c.Flags().StringVar(&f.After, "after", "", "the cursor that the rows before gave as `next`")
	return c
}

func (s *session) audit(ctx context.Context, f store.AuditFilter) error {
	found, err := s.store.AuditRows(ctx, f)
	if err != nil {
		return err
	}
	t := &table{header: []string{"at", "actor", "source", "action", "target", "outcome", "detail", "request"}}
	for _, r := range found.Rows {
		t.add(r.At, r.Actor, r.Source, r.Action, r.Target, r.Outcome, r.Detail, r.RequestID)
	}
	if found.Next != "" {
		s.app.say("there is more: --after %s", found.Next)
	}
	return s.app.print(found, t)
}
