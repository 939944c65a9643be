package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

func (s *fakeStore) CreateSweep(ctx context.Context, record sweep.SweepRecord, plan []sweep.Run) (total, reused int, err error) {
	_, done, err := s.open(ctx, "CreateSweep", "")
	if err != nil {
		return 0, 0, err
	}
	defer done()
	w := s.sweeps[record.Name]
	if w == nil {
		w = &fakeSweep{}
		s.sweeps[record.Name] = w
	}
	w.record = record
	for _, run := range plan {
		s.addCell(w, run)
	}
	for _, c := range w.cells {
		if c.Origin == sweep.Reused {
			reused++
		}
	}
	return len(w.cells), reused, nil
}

// addCell appends a cell that the sweep does not have.
func (s *fakeStore) addCell(w *fakeSweep, run sweep.Run) {
	if slices.ContainsFunc(w.cells, func(c sweep.Cell) bool { return c.RunID == run.ID }) {
		return
	}
	if s.runs[run.ID] == nil {
		s.runs[run.ID] = &fakeRun{Run: run, state: sweep.Planned}
	}
	origin := sweep.Planned
	if s.runs[run.ID].state == sweep.Succeeded {
		origin = sweep.Reused
	}
	w.cells = append(w.cells, sweep.Cell{Sweep: w.record.Name, Ordinal: len(w.cells), RunID: run.ID, Origin: origin})
}

func (s *fakeStore) Cells(ctx context.Context, name string, from, limit int) ([]sweep.Cell, error) {
	_, done, err := s.open(ctx, "Cells", "")
	if err != nil {
		return nil, err
	}
	defer done()
	var page []sweep.Cell
	for _, c := range s.sweeps[name].cells {
		if c.Ordinal >= from && len(page) < limit {
			c.State = s.runs[c.RunID].state
			page = append(page, c)
		}
	}
	return page, nil
}

func (s *fakeStore) SetSweepState(ctx context.Context, name string, state sweep.State, reason string) error {
	_, done, err := s.open(ctx, "SetSweepState", "")
	if err != nil {
		return err
	}
	defer done()
	if s.sweeps[name] == nil {
		return fmt.Errorf("sweep %q: %w", name, sweep.ErrNotFound)
	}
	s.sweeps[name].record.State, s.sweeps[name].record.Reason = state, reason
	return nil
}

// ClaimBatch gives out planned runs, then those that were claimed and not finished.
func (s *fakeStore) ClaimBatch(ctx context.Context, name string, limit int) ([]sweep.Run, error) {
	_, done, err := s.open(ctx, "ClaimBatch", "")
	if err != nil {
		return nil, err
	}
	defer done()
	for _, state := range []sweep.State{sweep.Planned, sweep.Running} {
		var claimed []sweep.Run
		for _, c := range s.sweeps[name].cells {
			if r := s.runs[c.RunID]; r.state == state && len(claimed) < limit {
				r.state = sweep.Running
				claimed = append(claimed, r.Run)
			}
		}
		if len(claimed) > 0 {
			return claimed, nil
		}
	}
	return nil, nil
}

func (s *fakeStore) FinishBatch(ctx context.Context, runs []sweep.Run, scores []sweep.Evaluation) error {
	_, done, err := s.open(ctx, "FinishBatch", "")
	if err != nil {
		return err
	}
	defer done()
	s.addScores(scores)
	for _, r := range runs {
		s.runs[r.ID].state = sweep.Succeeded
	}
	return nil
}

// FitInputs gives each run of a sweep its score at the last step, or the reason why it has none.
func (s *fakeStore) FitInputs(ctx context.Context, name, metric string) ([]sweep.ScoredRun, error) {
	_, done, err := s.open(ctx, "FitInputs", "")
	if err != nil {
		return nil, err
	}
	defer done()
	task, of, _ := strings.Cut(metric, "/")
	var found []sweep.ScoredRun
	for _, c := range s.sweeps[name].cells {
		r := s.runs[c.RunID]
		scored := sweep.ScoredRun{Run: r.Run, State: r.state, Reason: string(r.state)}
		for _, e := range r.scores {
			if e.Task == task && e.Metric == of && e.Step == r.Steps() && r.state == sweep.Succeeded {
				scored.Score, scored.Reason = &e, ""
			}
		}
		found = append(found, scored)
	}
	return found, nil
}
