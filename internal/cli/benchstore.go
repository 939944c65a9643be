package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/internal/synthetic"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// storeBench is what bench store is asked for.
type storeBench struct {
	runs, points     int
	readers, writers int
	seconds          float64
	pause            time.Duration // of a reader, between two pages
	keep             bool
	use              string // address of a database that was kept
}

// benchSweep is the name of the synthetic study.
const benchSweep = "bench-store"

func (a *app) benchStoreCommand() *cobra.Command {
	var b storeBench
	c := &cobra.Command{
		Use: "store", Short: "Pages over a study of thousands of synthetic runs, while others write",
		Long: `Fills a scratch database with a synthetic study (nothing is trained; every row says so): each run has 16
checkpoints with 36 scores each and five streams of --points values. Then --readers walk all pages over HTTP on
loopback while --writers add metrics as training runs do, and the time to the first byte, the bytes sent and the
queries of each page are told. The database lies on the server of --database-url, or on an embedded one in a
folder of its own, and is dropped afterwards.`,
		Example: "  scalelaw bench store --runs 500 -o json\n  scalelaw bench store --database-url postgres://user@host/postgres --keep",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := b.check(); err != nil {
				return err
			}
			folder, remove, err := a.benchFolder(c)
			if err != nil {
				return err
			}
			defer remove()
			if folder != "" {
				a.config.DataDir = folder
			}
			if b.use != "" {
				a.config.DatabaseURL = b.use
			}
			s := &session{app: a} // without a store: the database that it needs is not there yet
			err = s.find(c.Context(), need{command: "bench store", uiPort: servers.NoUI})
			if err == nil {
				err = s.benchStore(c.Context(), b)
			}
			return errors.Join(err, s.close())
		},
	}
	f := c.Flags()
	f.IntVar(&b.runs, "runs", 5000, fmt.Sprintf("runs of the study, rounded up to a multiple of %d", synthetic.Cells))
	f.IntVar(&b.points, "points", 2100, "values of each of a run's five streams of metrics")
	f.IntVar(&b.readers, "readers", 20, "readers at once")
	f.IntVar(&b.writers, "writers", 50, "runs that write at once")
	f.Float64Var(&b.seconds, "seconds", 30, "how long to read")
	f.DurationVar(&b.pause, "pause", 0, "how long a reader looks at a page")
	f.BoolVar(&b.keep, "keep", false, "do not drop the database; say its address")
	f.StringVar(&b.use, "use", "", "address of a database that was kept, instead of filling one")
	return c
}

func (b storeBench) check() error {
	switch {
	case b.runs < 1 || b.runs > 100_000:
		return usage("--runs is %d; 1 to 100000", b.runs)
	case b.points < 1 || b.points > 20_000:
		return usage("--points is %d; 1 to 20000", b.points)
	case b.readers < 1 || b.readers > 1000 || b.writers < 0 || b.writers > 100:
		return usage("--readers is %d (1 to 1000), --writers %d (0 to 100)", b.readers, b.writers)
	case !(b.seconds > 0 && b.seconds <= 3600):
		return usage("--seconds is %g; more than 0, at most 3600", b.seconds)
	}
	return nil
}

// benchFolder makes a data folder for a benchmark's own servers; none when the user named
// where to work.
func (a *app) benchFolder(c *cobra.Command) (dir string, remove func(), err error) {
	if a.config.DatabaseURL != "" || c.Flags().Changed("data-dir") || a.getenv("SCALELAW_DATA_DIR") != "" {
		return "", func() {}, nil
	}
	if dir, err = os.MkdirTemp("", "scalelaw-bench-"); err != nil {
		return "", nil, err
	}
	return dir, func() { os.RemoveAll(dir) }, os.Chmod(dir, 0o755)
}

// storeSpeed is what bench store measured.
type storeSpeed struct {
	Study       store.Loaded `json:"study"`
	LoadSeconds float64      `json:"load_seconds"` // 0: the database was there
	Readers     int          `json:"readers"`
	Writers     int          `json:"writers"`
	RowsWritten int64        `json:"metric_rows_written"` // while pages were read
	Pages       []pageSpeed  `json:"pages"`

	ReadWhole map[string]int64 `json:"tables_read_whole"` // how often, by pages and writers
}

func (s *session) benchStore(ctx context.Context, b storeBench) (err error) {
	m := storeSpeed{Readers: b.readers, Writers: b.writers}
	if b.use == "" {
		address, err := store.NewScratch(ctx, s.addresses.DatabaseURL, fmt.Sprintf("%d_%d", b.runs, time.Now().Unix()))
		if err != nil {
			return err
		}
		if b.keep {
			s.app.say("the database stays: --use %q reads it again", address)
		} else {
			defer func() { err = errors.Join(err, store.DropScratch(context.WithoutCancel(ctx), address)) }()
		}
		b.use = address
		began := time.Now()
		if err := s.app.fillStudy(ctx, b); err != nil {
			return err
		}
		m.LoadSeconds = time.Since(began).Seconds()
	}
	return s.measureStudy(ctx, b, m)
}

// fillStudy makes the synthetic study and two fits of it.
func (a *app) fillStudy(ctx context.Context, b storeBench) error {
	to, err := store.Open(ctx, b.use)
	if err != nil {
		return err
	}
	defer to.Close()
	spec, err := sweep.Parse([]byte(synthetic.Spec(benchSweep, b.runs)), sweep.ParseOptions{})
	if err != nil {
		return err
	}
	asJSON, err := specJSON(spec)
	if err != nil {
		return err
	}
	plan, err := sweep.Plan(spec, nil, nil)
	if err != nil {
		return err
	}
	runs := make([]sweep.Run, len(plan.Runs))
	for i, r := range plan.Runs {
		runs[i] = r.Run
	}
	if _, _, err := to.CreateSweep(ctx, sweep.SweepRecord{Name: benchSweep, Spec: asJSON, SpecSHA256: "synthetic", CodeVersion: synthetic.MadeBy}, runs); err != nil {
		return err
	}
	size := synthetic.Size{Checkpoints: spec.Checkpoints, Points: b.points, Running: min(b.writers, len(runs)/2)}
	if _, err = to.Load(ctx, synthetic.Runs(runs, size), a.sayLoaded(len(runs))); err != nil {
		return err
	}
	for _, ask := range spec.Fits {
		if _, err := (study.Ask{FitAsk: ask}).Put(ctx, to, Version(), benchSweep, true); err != nil {
			return err
		}
	}
	return nil
}

// sayLoaded tells of every tenth of the runs.
func (a *app) sayLoaded(runs int) func(store.Loaded) {
	next := int64(0)
	return func(n store.Loaded) {
		if 10*n.Runs >= next*int64(runs) {
			next = 10*n.Runs/int64(runs) + 1
			a.say("%d of %d runs, %d checkpoints, %d evaluations, %d metric rows", n.Runs, runs, n.Checkpoints, n.Evaluations, n.Metrics)
		}
	}
}
