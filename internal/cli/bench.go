package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/workflows"
)

func (a *app) benchCommand() *cobra.Command {
	return group("bench", "Speed, as figures", a.benchOrchestrateCommand(), a.benchFitCommand(), a.benchTrainCommand(), a.benchStoreCommand())
}

func (a *app) benchOrchestrateCommand() *cobra.Command {
	var runs, window int
	c := &cobra.Command{
		Use: "orchestrate", Short: "A sweep of no-op runs, the full way: a workflow each, rows in Postgres, nothing batched",
		Long:    "Runs a sweep of the surface trainer, which trains nothing, with a RunWorkflow for each run. Without --data-dir or --database-url it uses a data folder of its own, removed afterwards.",
		Example: "  scalelaw bench orchestrate --runs 1000 -o json", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if runs < 1 {
				return usage("--runs is %d; at least 1", runs)
			}
			if a.config.DatabaseURL == "" && !c.Flags().Changed("data-dir") && a.getenv("SCALELAW_DATA_DIR") == "" {
				dir, err := os.MkdirTemp("", "scalelaw-bench-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(dir)
				if err := os.Chmod(dir, 0o755); err != nil {
					return err
				}
				a.config.DataDir = dir
			}
			return a.with(c.Context(), need{command: "bench orchestrate", temporal: true, uiPort: servers.NoUI}, func(s *session) error {
				return s.benchOrchestrate(c.Context(), runs, window)
			})
		},
	}
	c.Flags().IntVar(&runs, "runs", 1000, "runs of the sweep")
	c.Flags().IntVar(&window, "window", 100, "runs at once")
	return c
}

// orchestration is what bench orchestrate measured.
type orchestration struct {
	Runs          int     `json:"runs"`
	Seconds       float64 `json:"seconds"`
	RunsPerSecond float64 `json:"runs_per_second"`
	CPUMSPerRun   float64 `json:"cpu_ms_per_run"` // of this process and Postgres; 0: not known here
	Rows          int64   `json:"rows"`
	HistoryEvents int64   `json:"history_events"`
}

func (s *session) benchOrchestrate(ctx context.Context, runs, window int) error {
	name := fmt.Sprintf("bench-%d-%d", runs, time.Now().UnixNano())
	spec, asJSON, err := benchSpec(name, runs, window)
	if err != nil {
		return err
	}
	if !s.attached {
		w, err := s.startWorker(workerOptions{concurrency: window})
		if err != nil {
			return err
		}
		defer w.Stop()
	}
	before, began := s.cpu(), time.Now()
	run, err := s.startSweep(ctx, workflows.SweepInput{Name: name, Spec: asJSON, NoBatch: true}, spec.Trainer)
	if err != nil {
		return err
	}
	var result workflows.SweepResult
	if err := run.Get(ctx, &result); err != nil {
		return fmt.Errorf("the sweep of the benchmark: %w", err)
	}
	m := orchestration{Runs: runs, Seconds: time.Since(began).Seconds()}
	m.RunsPerSecond = float64(runs) / m.Seconds
	m.CPUMSPerRun = 1000 * (s.cpu() - before) / float64(runs)
	if got := result.Counts[sweep.Succeeded]; got != runs {
		return fmt.Errorf("%d of %d runs of the benchmark succeeded", got, runs)
	}
	if m.Rows, err = s.store.Rows(ctx, name); err != nil {
		return err
	}
	if m.HistoryEvents, err = s.historyEvents(ctx, name, runs); err != nil {
		return err
	}
	t := &table{header: []string{"runs", "seconds", "runs/s", "CPU ms/run", "rows", "history events"}}
	t.add(m.Runs, m.Seconds, m.RunsPerSecond, m.CPUMSPerRun, m.Rows, m.HistoryEvents)
	return s.app.print(m, t)
}

// benchSpec is a surface sweep with a seed a run, so that every run is new: the amounts of
// samples seen are counted on from the clock.
func benchSpec(name string, runs, window int) (*sweep.Spec, []byte, error) {
	first := time.Now().UnixNano() % 1_000_000_000_000
	seeds := make([]string, runs)
	for i := range seeds {
		seeds[i] = strconv.FormatInt(first+int64(i), 10)
	}
	text := fmt.Sprintf(`name: %s
trainer: surface
surface: {alpha: -0.1, beta: 6, noise: 0.02}
grid:
  model: [ViT-B-32]
  data: [LAION-400M]
  samples_seen: [1M]
  seed: [%s]
limits: {concurrency: %d}
fits: []
`, name, strings.Join(seeds, ", "), min(window, sweep.MaxConcurrency))
	spec, err := sweep.Parse([]byte(text), sweep.ParseOptions{})
	if err != nil {
		return nil, nil, err
	}
	asJSON, err := specJSON(spec)
	return spec, asJSON, err
}

// historyEvents sums the events of the sweep's and its runs' histories. Temporal's visibility
// lags behind by some moments, so it is asked until it knows all workflows.
func (s *session) historyEvents(ctx context.Context, name string, runs int) (int64, error) {
	query := fmt.Sprintf("ScalelawSweep = %q AND ExecutionStatus != 'Running'", name)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		var events, children int64
		var page []byte
		for {
			r, err := s.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: 1000, NextPageToken: page})
			if err != nil {
				return 0, fmt.Errorf("count history events: %w", err)
			}
			for _, e := range r.Executions {
				events += e.HistoryLength
				if e.Type.Name == "RunWorkflow" {
					children++
				}
			}
			if page = r.NextPageToken; len(page) == 0 {
				break
			}
		}
		if children >= int64(runs) {
			return events, nil
		}
		if time.Now().After(end) {
			return 0, errors.New("count history events: Temporal's visibility does not list all runs")
		}
	}
}
