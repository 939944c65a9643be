package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// openclip is a backend with the published runs of Cherti et al. 2023 as a study, and as a
// second one those of OpenAI.
type openclip struct {
	fake
	studies  map[string][]sweep.ScoredRun
	fits     []fit.Record
	promises []store.Prediction
	reads    int
}

const imagenet = "imagenet1k/top1_error"

func newOpenCLIP(t testing.TB) *openclip {
	t.Helper()
	b := &openclip{studies: map[string][]sweep.ScoredRun{}}
	for name, family := range map[string]string{"openclip": "OpenCLIP", "openai": "OpenAI-CLIP"} {
		b.studies[name] = published(t, family)
		b.sweeps = append(b.sweeps, sweep.SweepSummary{SweepRecord: sweep.SweepRecord{Name: name, State: sweep.Succeeded}, Total: len(b.studies[name])})
	}
	if len(b.studies["openclip"]) != 29 {
		t.Fatalf("%d runs", len(b.studies["openclip"]))
	}
	b.studies["empty"] = nil
	b.sweeps = append(b.sweeps, sweep.SweepSummary{SweepRecord: sweep.SweepRecord{Name: "empty"}})
	slices.SortFunc(b.sweeps, func(x, y sweep.SweepSummary) int { return strings.Compare(x.Name, y.Name) })
	return b
}

// published reads the runs of a family.
func published(t testing.TB, family string) []sweep.ScoredRun {
	t.Helper()
	file, err := os.Open("../fit/testdata/openclip_runs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	number := func(row []string, name string) float64 {
		v, err := strconv.ParseFloat(at(row, name), 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var runs []sweep.ScoredRun
	for i, row := range rows[1:] {
		if at(row, "family") != family || at(row, "imagenet1k_acc1") == "" {
			continue
		}
		pairs := number(row, "data_scale")
		r := sweep.ScoredRun{State: sweep.Succeeded, Run: sweep.Run{
			ID: fmt.Sprintf("%032x", i+1), Trainer: sweep.TrainerOpenCLIP, Model: sweep.Model{Name: at(row, "arch")}, Data: sweep.Dataset{Name: fmt.Sprint(pairs), Pairs: int64(pairs)},
			SamplesSeen: int64(number(row, "samples_seen")), ActualSamplesSeen: int64(number(row, "samples_seen")), GMACsTotal: number(row, "gmacs_total"), GMACsPerSample: number(row, "gmacs_per_sample"),
		}}
		r.Score = &sweep.Evaluation{RunID: r.ID, Step: 1, Score: sweep.Score{Task: "imagenet1k", Metric: "top1_error", Revision: "r", Evaluator: "e", Value: 1 - number(row, "imagenet1k_acc1")}}
		runs = append(runs, r)
	}
	return runs
}

func (b *openclip) Sweep(_ context.Context, name string) (sweep.SweepRecord, error) {
	if _, ok := b.studies[name]; !ok {
		return sweep.SweepRecord{}, fmt.Errorf("sweep %q: %w", name, sweep.ErrNotFound)
	}
	spec, err := json.Marshal(sweep.Spec{Name: name, Trainer: sweep.TrainerOpenCLIP, Fits: []sweep.FitAsk{{Metric: imagenet}}})
	return sweep.SweepRecord{Name: name, Spec: spec, CodeVersion: "v1"}, err
}

func (b *openclip) FitInputs(_ context.Context, name, metric string) ([]sweep.ScoredRun, error) {
	b.reads++
	runs, ok := b.studies[name]
	if !ok {
		return nil, fmt.Errorf("sweep %q: %w", name, sweep.ErrNotFound)
	}
	runs = slices.Clone(runs)
	if metric != imagenet {
		for i := range runs {
			runs[i].Score, runs[i].Reason = nil, "not evaluated"
		}
	}
	return runs, nil
}

func (b *openclip) MetricsScored(context.Context, string) ([]string, error) {
	return []string{imagenet}, nil
}

func (b *openclip) Runs(_ context.Context, ids []string) ([]sweep.Run, error) {
	var found []sweep.Run
	for _, id := range ids {
		for _, runs := range b.studies {
			for _, r := range runs {
				if r.ID == id {
					found = append(found, r.Run)
				}
			}
		}
	}
	return found, nil
}

func (b *openclip) Coefficients(_ context.Context, f store.FitFilter, _ store.Page) (store.Listed[store.Coefficient], error) {
	var l store.Listed[store.Coefficient]
	for _, r := range b.fits {
		for _, c := range r.Result.Coefficients {
			l.Rows = append(l.Rows, store.Coefficient{Sweep: r.Sweep, Metric: r.Metric, Group: r.Options.Group, Rule: r.Options.Rule, Law: r.Options.Law, Name: c.Name, Value: c.Value, Lower: c.Interval[0], Upper: c.Interval[1], Fit: r.ID, NUsed: r.Result.NUsed, NPoints: r.Result.NPoints})
		}
	}
	return l, nil
}

func (b *openclip) AddFit(_ context.Context, r fit.Record) error {
	b.fits = append(b.fits, r)
	return nil
}

func (b *openclip) Fits(context.Context, store.FitFilter) ([]fit.Record, error) { return b.fits, nil }

func (b *openclip) Fit(_ context.Context, prefix string) (fit.Record, error) {
	for _, r := range b.fits {
		if strings.HasPrefix(r.ID, prefix) {
			return r, nil
		}
	}
	return fit.Record{}, fmt.Errorf("fit %q: %w", prefix, sweep.ErrNotFound)
}

func (b *openclip) Stale(_ context.Context, ids ...string) (map[string]string, error) {
	return map[string]string{}, nil
}

func (b *openclip) Predictions(context.Context, store.PredictionFilter) ([]store.Prediction, error) {
	return b.promises, nil
}

func (b *openclip) Register(_ context.Context, r fit.Record, all []fit.Prediction, author string, tolerance float64, _ bool) error {
	for _, p := range all {
		b.promises = append(b.promises, store.Prediction{Fit: r.ID, Sweep: r.Sweep, Metric: r.Metric, Prediction: p, Level: r.Result.Level, Tolerance: tolerance, Author: author})
	}
	return nil
}

func (b *openclip) Audit(context.Context, store.AuditRow) error { return nil }
