// Package synthetic makes the data of a study of any size, for load tests: thousands of runs that
// were never trained. Errors are drawn from a law that the sweep states (see package
// trainer/surface), curves fall towards them, and every row that could be taken for a
// measurement says what made it. The same size gives the same data.
package synthetic

import (
	"fmt"
	"hash/fnv"
	"iter"
	"strings"
	"time"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// MadeBy stands wherever a row names the program, worker or device that made it.
const MadeBy = "bench store (synthetic; nothing was trained)"

// Size is how much there is of everything.
type Size struct {
	Checkpoints int // of each run
	Points      int // of each of the five streams of a run
	Running     int // runs, the last of the plan, that have not ended
}

// Cells is how many runs a seed adds to the grid.
const Cells = 5 * 4 * 10

// Each checkpoint is evaluated on every task by every score; the first pair is the law's.
var (
	tasks  = []string{"surface", "imagenet1k", "imagenetv2", "imagenet-r", "imagenet-a", "imagenet-sketch", "objectnet", "mscoco", "flickr30k"}
	scores = []string{"top1_error", "top5_error", "mean_per_class_error", "loss"}
)

// Spec is the sweep file of a study.
func Spec(name string, runs int) string {
	seeds := make([]string, max(1, (runs+Cells-1)/Cells))
	for i := range seeds {
		seeds[i] = fmt.Sprint(i)
	}
	return fmt.Sprintf(`name: %s
trainer: surface
surface: {alpha: -0.12, beta: 6, floor: 0.05, noise: 0.03}
grid:
  model: [ViT-S-32, ViT-B-32, ViT-B-16, ViT-L-14, ViT-H-14]
  data: [LAION-80M, LAION-400M, LAION-2B, icons-160k]
  samples_seen: [100M, 200M, 400M, 800M, 1600M, 3200M, 6400M, 12800M, 25600M, 51200M]
  seed: [%s]
recipe: {batch_size: 4096}
checkpoints: 16
fits:
  - {metric: surface/top1_error, rule: pareto, law: power}
  - {metric: surface/top1_error, rule: all, law: power, group_by: data}
`, name, strings.Join(seeds, ", "))
}

// epoch is when the first run of a study began.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Runs gives what happened to each run of a plan, in its order. Two in a hundred failed or
// diverged, the last few are running, and all others succeeded.
func Runs(plan []sweep.Run, size Size) iter.Seq[store.LoadedRun] {
	return func(yield func(store.LoadedRun) bool) {
		for i, r := range plan {
			if !yield(loaded(r, i, i >= len(plan)-size.Running, size)) {
				return
			}
		}
	}
}

func loaded(r sweep.Run, i int, running bool, size Size) store.LoadedRun {
	end, state, reason := 1.0, sweep.Succeeded, ""
	switch {
	case running:
		end, state = 0.5, sweep.Running
	case i%100 == 37:
		end, state, reason = 0.3, sweep.Failed, "out of memory ("+MadeBy+")"
	case i%100 == 71:
		end, state, reason = 0.2, sweep.Diverged, "the loss is not finite ("+MadeBy+")"
	}
	h := fnv.New64a()
	h.Write([]byte(r.ID)) // never fails
	c := course{run: r, end: end, diverges: state == sweep.Diverged, points: size.Points, seed: h.Sum64()}
	began := epoch.Add(time.Duration(i) * time.Minute)
	a := sweep.Attempt{Number: 1, Worker: MadeBy, Host: "none", Device: MadeBy, StartedAt: began, DeviceSeconds: 3600 * end, Outcome: state, Error: reason}
	if running {
		a.DeviceSeconds = 0
	} else {
		a.EndedAt = began.Add(time.Hour)
	}
	return store.LoadedRun{
		ID: r.ID, State: state, Reason: reason, Attempt: a, Metrics: c.metrics(),
		Checkpoints: c.checkpoints(size.Checkpoints), Evaluations: c.evaluations(size.Checkpoints),
	}
}
