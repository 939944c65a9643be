package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

func (a *app) deleteCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "delete SWEEP", Short: "Remove a sweep and what nothing else uses, after showing it", Example: "  scalelaw delete quickstart",
		Args: exactly("a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "delete", func(s *session) error {
				record, err := s.store.Sweep(c.Context(), args[0])
				if err != nil {
					return err
				}
				if !record.State.Final() {
					return fmt.Errorf("delete sweep %s: %w: it is %s; cancel it first", args[0], sweep.ErrBadInput, record.State)
				}
				return s.remove(c.Context(), "delete", args[0], yes, func(dry bool) (store.Removal, error) { return s.store.Delete(c.Context(), args[0], dry) })
			})
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (a *app) pruneCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "prune", Short: "Remove runs that are in no sweep and no fit, after showing them", Example: "  scalelaw prune --yes",
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), "prune", func(s *session) error {
				return s.remove(c.Context(), "prune", "", yes, func(dry bool) (store.Removal, error) { return s.store.Prune(c.Context(), dry) })
			})
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// remove shows what would go, asks, and removes rows first, then files: a file without a row
// does no harm, a row without its file would.
func (s *session) remove(ctx context.Context, verb, target string, yes bool, do func(dry bool) (store.Removal, error)) error {
	would, err := do(true)
	if err != nil {
		return err
	}
	s.app.say("this removes %d sweeps, %d runs that nothing else uses, %d fits, %d files (%.1f MB)", len(would.Sweeps), len(would.Runs), len(would.Fits), len(would.Artifacts), float64(would.Bytes)/1e6)
	if ok, err := s.app.confirm("Remove it?", yes); err != nil || !ok {
		return err
	}
	var gone store.Removal
	err = s.audited(ctx, verb, target, "", func() (err error) {
		gone, err = do(false)
		return err
	})
	if err != nil {
		return err
	}
	files, err := s.app.artifacts()
	if err != nil {
		return err
	}
	for _, f := range gone.Artifacts {
		if err := files.Delete(ctx, f); err != nil {
			return err
		}
	}
	t := &table{header: []string{"sweeps", "runs", "fits", "files", "bytes"}}
	t.add(len(gone.Sweeps), len(gone.Runs), len(gone.Fits), len(gone.Artifacts), gone.Bytes)
	return s.app.print(gone, t)
}
