package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// fakeStore keeps in memory what package store keeps in Postgres, by the same rules. The
// methods that no activity calls are those of the nil interface inside.
type fakeStore struct {
	Store
	mu     sync.Mutex
	runs   map[string]*fakeRun
	sweeps map[string]*fakeSweep
	fits   map[string]fit.Record
	refuse map[string]error // by method: what it fails with
}

type fakeSweep struct {
	record sweep.SweepRecord
	cells  []sweep.Cell
}

type fakeRun struct {
	sweep.Run
	state       sweep.State
	reason      string
	attempts    []sweep.Attempt
	metrics     []sweep.Metric
	writes      int // metric rows that came, those that replaced one included
	checkpoints []sweep.Checkpoint
	scores      []sweep.Evaluation
}

func newFakeStore() *fakeStore {
	return &fakeStore{runs: map[string]*fakeRun{}, sweeps: map[string]*fakeSweep{}, fits: map[string]fit.Record{}, refuse: map[string]error{}}
}

// open locks the store and finds a run, unless the method is to fail or ctx is over.
func (s *fakeStore) open(ctx context.Context, method, id string) (*fakeRun, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", method, err)
	}
	s.mu.Lock()
	if err := s.refuse[method]; err != nil {
		s.mu.Unlock()
		return nil, nil, err
	}
	r := s.runs[id]
	if r == nil && id != "" {
		s.mu.Unlock()
		return nil, nil, fmt.Errorf("run %s: %w", id, sweep.ErrNotFound)
	}
	return r, s.mu.Unlock, nil
}

func (s *fakeStore) Run(ctx context.Context, id string) (sweep.Run, error) {
	r, done, err := s.open(ctx, "Run", id)
	if err != nil {
		return sweep.Run{}, err
	}
	defer done()
	return r.Run, nil
}

func (s *fakeStore) Runs(ctx context.Context, ids []string) ([]sweep.Run, error) {
	var runs []sweep.Run
	for _, id := range ids {
		r, err := s.Run(ctx, id)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

func (s *fakeStore) SetRunState(ctx context.Context, id string, state sweep.State, reason string) error {
	r, done, err := s.open(ctx, "SetRunState", id)
	if err != nil {
		return err
	}
	defer done()
	if r.state != sweep.Succeeded {
		r.state, r.reason = state, reason
	}
	return nil
}

func (s *fakeStore) RunState(ctx context.Context, id string) (sweep.State, string, error) {
	r, done, err := s.open(ctx, "RunState", id)
	if err != nil {
		return "", "", err
	}
	defer done()
	return r.state, r.reason, nil
}

func (s *fakeStore) AddEvaluations(ctx context.Context, rows []sweep.Evaluation) error {
	_, done, err := s.open(ctx, "AddEvaluations", "")
	if err != nil {
		return err
	}
	defer done()
	s.addScores(rows)
	return nil
}

// addScores keeps the value of a key that is there.
func (s *fakeStore) addScores(rows []sweep.Evaluation) {
	for _, e := range rows {
		same := func(o sweep.Evaluation) bool {
			o.Value, o.Samples = e.Value, e.Samples
			return o == e
		}
		if r := s.runs[e.RunID]; !slices.ContainsFunc(r.scores, same) {
			r.scores = append(r.scores, e)
		}
	}
}

func (s *fakeStore) Evaluations(ctx context.Context, id string) ([]sweep.Evaluation, error) {
	r, done, err := s.open(ctx, "Evaluations", id)
	if err != nil {
		return nil, err
	}
	defer done()
	return slices.Clone(r.scores), nil
}

func (s *fakeStore) AddFit(ctx context.Context, r fit.Record) error {
	_, done, err := s.open(ctx, "AddFit", "")
	if err != nil {
		return err
	}
	defer done()
	if _, there := s.fits[r.ID]; !there {
		s.fits[r.ID] = r
	}
	return nil
}

// records are the stored fits, by metric and group.
func (s *fakeStore) records() []fit.Record {
	return slices.SortedFunc(maps.Values(s.fits), func(a, b fit.Record) int {
		return slices.Compare([]string{a.Metric, groupName(a)}, []string{b.Metric, groupName(b)})
	})
}

func groupName(r fit.Record) string {
	if r.Options.Group == nil {
		return ""
	}
	return *r.Options.Group
}
