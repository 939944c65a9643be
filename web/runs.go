package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// defaultMetric is shown of runs where nobody chose another.
const defaultMetric = "icons-test/top1_error"

// runList is the runs of all studies, or of the one in the address.
func runList(tab string) bulk[store.RunRow] {
	return bulk[store.RunRow]{
		template: "runs", title: "Runs", tab: tab,
		header: []string{"id", "model", "data", "trainer", "samples_seen", "seed", "batch_size", "learning_rate", "gmacs_total", "state", "reason", "excluded", "step", "steps", "loss", "score"},
		cells: func(r store.RunRow) []string {
			return []string{
				r.ID, r.Model, r.Data, r.Trainer, strconv.FormatInt(r.SamplesSeen, 10), strconv.FormatInt(r.Seed, 10), strconv.FormatInt(r.BatchSize, 10), exact(&r.LearningRate),
				exact(&r.GMACsTotal), string(r.State), r.Reason, strconv.FormatBool(r.Excluded), strconv.FormatInt(r.Step, 10), strconv.FormatInt(r.Steps, 10), exact(r.Loss), exact(r.Score),
			}
		},
		read: func(ctx context.Context, s *Server, r *http.Request, p store.Page) (store.Listed[store.RunRow], error) {
			f, err := runFilter(r)
			if err != nil {
				return store.Listed[store.RunRow]{}, err
			}
			if f.Sweep != "" {
				if _, err := s.backend.SweepSummary(ctx, f.Sweep); err != nil {
					return store.Listed[store.RunRow]{}, err
				}
			}
			return s.backend.RunList(ctx, f, p)
		},
	}
}

// runFilter reads the query of a list of runs.
func runFilter(r *http.Request) (store.RunFilter, error) {
	q := r.URL.Query()
	f := store.RunFilter{
		Sweep: r.PathValue("sweep"), Model: q.Get("model"), Data: q.Get("data"), Trainer: q.Get("trainer"), State: sweep.State(q.Get("state")),
		Text: strings.TrimSpace(q.Get("text")), Metric: q.Get("metric"), Sort: q.Get("sort"),
	}
	if f.Metric == "" {
		f.Metric = defaultMetric
	}
	if text := q.Get("samples"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return f, fmt.Errorf("samples: %w: %q is no number of samples seen", sweep.ErrBadInput, text)
		}
		f.Samples = n
	}
	return f, nil
}

// sortLink is the address of a list sorted by a column; by the column that it is sorted by
// already, the other way.
func sortLink(asked url.Values, column string) string {
	q := maps.Clone(asked)
	if asked.Get("sort") == column {
		column = "-" + column
	}
	q.Set("sort", column)
	return "?" + q.Encode()
}

// sortedBy says how a list is sorted by a column, as aria-sort has it.
func sortedBy(asked url.Values, column string) string {
	switch asked.Get("sort") {
	case column:
		return "ascending"
	case "-" + column:
		return "descending"
	}
	return "none"
}

// column is one of the table of runs.
type column struct {
	Name, Sort string // Sort is empty where a list cannot be sorted by it
	Number     bool
}

func runColumns() []column {
	return []column{
		{"Model", "model", false}, {"Data", "", false}, {"Samples seen", "samples", true}, {"Seed", "", true}, {"Learning rate", "", true}, {"GMACs", "compute", true},
		{"State", "ended", false}, {"Step", "", true}, {"Loss", "loss", true}, {"Score", "error", true},
	}
}
