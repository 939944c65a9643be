package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/sweep"
)

func workerFlags(c *cobra.Command, o *workerOptions) {
	c.Flags().IntVar(&o.concurrency, "concurrency", 0, "activities at once on this machine (0: 16, or as many runs as its GPUs take, and one)")
	c.Flags().IntVar(&o.runsPerGPU, "runs-per-gpu", 1, "runs that share a GPU at once")
	c.Flags().IntVar(&o.threads, "threads", 0, "threads of one run (0: all cores; never changes a result)")
}

func (a *app) runCommand() *cobra.Command {
	var o workerOptions
	var keep bool
	var uiPort int
	c := &cobra.Command{
		Use: "run SPEC", Short: "Plan, train, evaluate, fit: the whole way, and print the law",
		Long:    "Runs a sweep to its end and prints its laws. Again after a crash or Ctrl-C it goes on where it stopped. Servers are started when none run on the data folder.",
		Example: "  scalelaw run examples/quickstart.yaml",
		Args:    exactly("a sweep file"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.run(c.Context(), args[0], o, keep, need{command: "run", temporal: true, uiPort: uiPort, uiFixed: c.Flags().Changed("ui-port")})
		},
	}
	workerFlags(c, &o)
	c.Flags().BoolVar(&keep, "keep", false, "stay up afterwards, until Ctrl-C")
	c.Flags().IntVar(&uiPort, "ui-port", 8233, "port of Temporal's web UI (0: any free one, -1: none)")
	return c
}

func (a *app) run(ctx context.Context, path string, o workerOptions, keep bool, n need) error {
	spec, asJSON, err := a.readSpec(ctx, path)
	if err != nil {
		return err
	}
	if err := available(spec); err != nil {
		return err
	}
	return a.with(ctx, n, func(s *session) error {
		if _, err := s.sameSweep(ctx, spec); err != nil {
			return err
		}
		plan, err := s.planWith(ctx, spec)
		if err != nil {
			return err
		}
		a.sayTotals(plan)
		if s.attached {
			a.say("`scalelaw %s` (pid %d) runs on %s: its worker does the work", s.addresses.Command, s.addresses.PID, a.config.DataDir)
		} else {
			w, err := s.startWorker(o)
			if err != nil {
				return err
			}
			defer w.Stop()
		}
		if s.addresses.TemporalUI != "" {
			a.say("every run in Temporal's web UI: %s", s.addresses.TemporalUI)
		}
		if err := s.launch(ctx, "run", spec, asJSON); err != nil {
			return err
		}
		err = s.watch(ctx, spec.Name)
		if interrupted(ctx) {
			a.say("stopped; `scalelaw run %s` goes on where it was", path)
			return err
		}
		a.say("look at it all: `scalelaw up` (web UI), `scalelaw runs %s`, `scalelaw coefficients`, `scalelaw db psql`", spec.Name)
		if keep && errors.Is(errors.Join(err, errSilent), errSilent) {
			a.say("up until Ctrl-C")
			return errors.Join(err, s.wait(ctx))
		}
		return err
	})
}

// wait stays up until the user or a failing server ends it.
func (s *session) wait(ctx context.Context) error { return s.waitFor(ctx, nil) }

// waitFor is wait, with something else that may fail.
func (s *session) waitFor(ctx context.Context, other <-chan error) error {
	var servers <-chan error
	if s.running != nil {
		servers = s.running.Failed
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-servers:
		return err
	case err := <-other:
		return err
	case <-s.lost:
		return fmt.Errorf("%w: all GPUs of this worker; start it anew", sweep.ErrDeviceLost)
	}
}

func (a *app) upCommand() *cobra.Command {
	var o workerOptions
	var noWorker bool
	var uiPort, temporalPort, webPort int
	c := &cobra.Command{
		Use: "up", Short: "Servers, worker, the pages and Temporal's web UI, until Ctrl-C",
		Example: "  scalelaw up\n  scalelaw up --ui-port 0 --no-worker",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			n := need{command: "up", temporal: true, uiPort: uiPort, uiFixed: c.Flags().Changed("ui-port"), temporalP: temporalPort, own: true}
			if a.config.DatabaseURL != "" {
				return usage("`up` starts servers of its own; with --database-url use `worker`")
			}
			return a.with(ctx, n, func(s *session) error {
				if !noWorker {
					w, err := s.startWorker(o)
					if err != nil {
						return err
					}
					defer w.Stop()
				}
				served, err := s.servePages(ctx, webPort, c.Flags().Changed("web-port"))
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "everything         %s\nTemporal's web UI  %s\nTemporal           %s (namespace %s)\nPostgres           %s\ndata folder        %s\n",
					orNone(s.addresses.Web), orNone(s.addresses.TemporalUI), s.addresses.TemporalAddress, s.addresses.TemporalNamespace, s.addresses.DatabaseURL, a.config.DataDir)
				a.say("up until Ctrl-C; other verbs find these servers by themselves")
				if served == nil {
					return s.wait(ctx)
				}
				return errors.Join(s.waitFor(ctx, served.failed), served.stop())
			})
		},
	}
	workerFlags(c, &o)
	c.Flags().BoolVar(&noWorker, "no-worker", false, "servers only; workers are other processes")
	c.Flags().IntVar(&uiPort, "ui-port", 8233, "port of Temporal's web UI (0: any free one, -1: none)")
	c.Flags().IntVar(&webPort, "web-port", 8080, "port of the pages (0: any free one, -1: none)")
	c.Flags().IntVar(&temporalPort, "temporal-port", 0, "port of Temporal (0: any free one)")
	return c
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (a *app) workerCommand() *cobra.Command {
	var o workerOptions
	c := &cobra.Command{
		Use: "worker", Short: "Train what sweeps ask for, until Ctrl-C",
		Long:    "A worker for servers that run already: those of `up` on the data folder, or those that --database-url and TEMPORAL_ADDRESS name. On Ctrl-C it saves its runs and hands them over.",
		Example: "  scalelaw worker --concurrency 2",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), need{command: "worker", temporal: true, uiPort: servers.NoUI}, func(s *session) error {
				w, err := s.startWorker(o)
				if err != nil {
					return err
				}
				defer w.Stop()
				a.say("working; Ctrl-C saves the runs and hands them over")
				return s.wait(c.Context())
			})
		},
	}
	workerFlags(c, &o)
	return c
}
