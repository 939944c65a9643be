package workflows

import (
	"context"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// The parts of the activities, over the house's Postgres.

func (h *house) doPlan(_ context.Context, in activities.PlanInput) (activities.PlanResult, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	plan := h.plan
	plan.Total = len(h.cells[in.Name])
	return plan, nil
}

func (h *house) doCells(_ context.Context, in activities.CellsInput) ([]activities.Cell, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var page []activities.Cell
	for i, id := range h.cells[in.Sweep] {
		if i >= in.From && len(page) < in.Limit {
			page = append(page, activities.Cell{Ordinal: i, RunID: id, State: h.stateOf(id), Model: "icons-w4", Data: "icons-6k", SamplesSeen: 6000})
		}
	}
	return page, nil
}

func (h *house) stateOf(id string) sweep.State {
	if s, ok := h.state[id]; ok {
		return s
	}
	return sweep.Planned
}

func (h *house) doRead(_ context.Context, id string) (activities.RunOutcome, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return activities.RunOutcome{State: h.stateOf(id), Reason: "as Postgres has it"}, nil
}

func (h *house) doTally(_ context.Context, name string) (activities.Tally, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := activities.Tally{Counts: map[sweep.State]int{}, Total: len(h.cells[name])}
	for _, id := range h.cells[name] {
		t.Counts[h.stateOf(id)]++
	}
	return t, nil
}

func (h *house) doBatch(_ context.Context, in activities.BatchInput) (activities.BatchResult, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.batches++
	for _, id := range h.cells[in.Sweep] {
		h.state[id] = sweep.Succeeded
	}
	return activities.BatchResult{Runs: len(h.cells[in.Sweep])}, nil
}

func (h *house) doTrain(_ context.Context, in activities.TrainInput) (activities.TrainResult, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries[in.RunID]++
	result, err := trained()
	if h.fate != nil {
		result, err = h.fate(in.RunID, h.tries[in.RunID])
	}
	if err == nil && result.State == sweep.Succeeded && in.Finish {
		h.finish(in.RunID)
	}
	return result, err
}

func (h *house) finish(id string) {
	h.state[id] = sweep.Succeeded
	if h.asLastEnds != nil {
		h.asLastEnds()
	}
}

// trained is the fate of most.
func trained() (activities.TrainResult, error) {
	return activities.TrainResult{State: sweep.Succeeded, DeviceSeconds: 60, Steps: []int64{10, 20}}, nil
}

func diverged() (activities.TrainResult, error) {
	return activities.TrainResult{State: sweep.Diverged, Reason: "the loss is NaN", DeviceSeconds: 30}, nil
}

func (h *house) doEvaluate(_ context.Context, in activities.EvaluateInput) (activities.EvaluateResult, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.evaluated = append(h.evaluated, in)
	if h.evaluateErr != nil {
		return activities.EvaluateResult{}, h.evaluateErr
	}
	if in.Finish {
		h.finish(in.RunID)
	}
	return activities.EvaluateResult{Scores: 1}, nil
}

func (h *house) doSetRun(_ context.Context, in activities.StateInput) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state[in.ID] = in.State
	h.runRecorded = append(h.runRecorded, in)
	return nil
}

func (h *house) doSetSweep(_ context.Context, in activities.StateInput) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recorded = append(h.recorded, in)
	return nil
}

func (h *house) doFit(_ context.Context, in activities.FitInput) (activities.FitResult, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fitted = append(h.fitted, in)
	if h.fitErr != nil {
		return activities.FitResult{}, h.fitErr
	}
	return activities.FitResult{Fits: []activities.FitOutcome{{ID: "f", Metric: "icons-test/top1_error", Formula: "E = 2 C^-0.1"}}}, nil
}
