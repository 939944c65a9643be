package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/store"
)

// author is who acts: the flag, else the user of this machine.
func (a *app) author(flag string) string {
	return cmp.Or(flag, a.getenv("USER"), a.getenv("LOGNAME"), nameOf(user.Current()))
}

// nameOf is a user's name; in a container the id may have none, and then stands for it.
func nameOf(u *user.User, err error) string {
	if err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}

func (a *app) excludeCommand() *cobra.Command {
	var e store.Exclusion
	c := &cobra.Command{
		Use: "exclude RUN --reason TEXT", Short: "Take a run out of fits, on the record", Args: exactly("a run's id or its beginning"),
		Example: `  scalelaw exclude 3f9a12 --reason "trained on a broken shard"`,
		RunE: func(c *cobra.Command, args []string) error {
			if e.Reason == "" {
				return usage("--reason is needed: it stands in every fit that leaves the run out")
			}
			e.Author = a.author(e.Author)
			return a.withStore(c.Context(), "exclude", func(s *session) error { return s.exclude(c.Context(), args[0], e) })
		},
	}
	c.Flags().StringVar(&e.Reason, "reason", "", "why, in words")
	c.Flags().StringVar(&e.Author, "author", "", "who does it (default: the user of this machine)")
	c.Flags().StringVar(&e.Rule, "rule", "", "the rule that proposed it, if one did")
	return c
}

func (s *session) exclude(ctx context.Context, prefix string, e store.Exclusion) error {
	run, err := s.store.FindRun(ctx, prefix)
	if err != nil {
		return err
	}
	e.RunID = run.ID
	err = s.audited(ctx, "exclude", run.ID, e.Reason, func() (err error) {
		e, err = s.store.Exclude(ctx, e)
		return err
	})
	if err != nil {
		return err
	}
	return s.changedExclusion(ctx, e)
}

func (a *app) includeCommand() *cobra.Command {
	var author, reason string
	c := &cobra.Command{
		Use: "include RUN", Short: "Let a run that was excluded into fits again", Args: exactly("a run's id or its beginning"),
		Example: "  scalelaw include 3f9a12 --reason \"the shard was fine\"",
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "include", func(s *session) error {
				return s.include(c.Context(), args[0], a.author(author), reason)
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, in words")
	c.Flags().StringVar(&author, "author", "", "who does it (default: the user of this machine)")
	return c
}

func (s *session) include(ctx context.Context, prefix, author, reason string) error {
	run, err := s.store.FindRun(ctx, prefix)
	if err != nil {
		return err
	}
	var e store.Exclusion
	err = s.audited(ctx, "include", run.ID, reason, func() (err error) {
		e, err = s.store.Include(ctx, run.ID, author, reason)
		return err
	})
	if err != nil {
		return err
	}
	return s.changedExclusion(ctx, e)
}

// changedExclusion prints what is on the record now, and says which fits do not follow it.
func (s *session) changedExclusion(ctx context.Context, e store.Exclusion) error {
	fits, err := s.store.FitsOf(ctx, e.RunID)
	if err != nil {
		return err
	}
	stale, err := s.store.Stale(ctx, fits...)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		s.app.say("%d fits that looked at the run are stale; `scalelaw fit list` marks them, `scalelaw fit new` fits anew", len(stale))
	}
	return s.app.print(e, exclusionTable([]store.Exclusion{e}))
}

func exclusionTable(all []store.Exclusion) *table {
	t := &table{header: []string{"run", "author", "rule", "reason", "excluded", "included again", "by", "because"}}
	for _, e := range all {
		var again any
		if e.WithdrawnAt != nil {
			again = *e.WithdrawnAt
		}
		t.add(id(e.RunID), e.Author, e.Rule, e.Reason, e.CreatedAt, again, e.WithdrawnBy, e.WithdrawnReason)
	}
	return t
}

func (a *app) exclusionsCommand() *cobra.Command {
	var f store.ExclusionFilter
	c := &cobra.Command{
		Use: "exclusions", Short: "Runs that were excluded, by whom and why; those included again, too",
		Example: "  scalelaw exclusions\n  scalelaw exclusions --sweep quickstart --standing", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), "exclusions", func(s *session) error {
				if f.Sweep != "" {
					if _, err := s.store.Sweep(c.Context(), f.Sweep); err != nil {
						return err
					}
				}
				all, err := s.store.Exclusions(c.Context(), f)
				if err != nil {
					return err
				}
				return a.print(all, exclusionTable(all))
			})
		},
	}
	c.Flags().StringVar(&f.Sweep, "sweep", "", "of this sweep's runs")
	c.Flags().BoolVar(&f.Standing, "standing", false, "only runs that are out now")
	return c
}
