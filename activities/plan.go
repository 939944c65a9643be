package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
)

// PlanInput asks for a sweep to be planned and stored; for one that is there, extended.
type PlanInput struct {
	Name        string `json:"name"`
	Spec        []byte `json:"spec"` // JSON of a sweep.Spec
	CodeVersion string `json:"code_version"`
}

// PlanResult is what the workflow needs to go on.
type PlanResult struct {
	Total       int            `json:"total"`  // cells
	Reused      int            `json:"reused"` // whose run had succeeded before
	Batched     bool           `json:"batched,omitempty"`
	Trainer     string         `json:"trainer"`
	Tasks       []string       `json:"tasks"`
	Checkpoints int            `json:"checkpoints"`
	Limits      sweep.Limits   `json:"limits"`
	Fits        []sweep.FitAsk `json:"fits"`
}

// PlanSweep plans a spec and stores the sweep with its cells. Doing it again changes nothing.
func (a *Activities) PlanSweep(ctx context.Context, in PlanInput) (PlanResult, error) {
	var spec sweep.Spec
	if err := json.Unmarshal(in.Spec, &spec); err != nil {
		return PlanResult{}, fail(failf(sweep.ErrBadInput, "spec of sweep %s: %v", in.Name, err))
	}
	plan, err := sweep.Plan(&spec, nil, nil)
	if err != nil {
		return PlanResult{}, fail(err)
	}
	info, ok := sweep.LookupTrainer(spec.Trainer)
	if !ok || !info.Available {
		return PlanResult{}, fail(failf(sweep.ErrUnsupported, "the trainer %s is not part of this version", spec.Trainer))
	}
	runs := make([]sweep.Run, len(plan.Runs))
	for i, r := range plan.Runs {
		runs[i] = r.Run
	}
	sum := sha256.Sum256(in.Spec)
	total, reused, err := a.Store.CreateSweep(ctx, sweep.SweepRecord{
		Name: in.Name, Spec: in.Spec, SpecSHA256: hex.EncodeToString(sum[:]), CodeVersion: in.CodeVersion,
	}, runs)
	if err != nil {
		return PlanResult{}, fail(err)
	}
	return PlanResult{
		Total: total, Reused: reused, Batched: info.Batched, Trainer: spec.Trainer, Tasks: trainTasks(info, spec),
		Checkpoints: spec.Checkpoints, Limits: spec.Limits, Fits: spec.Fits,
	}, nil
}

// trainTasks are the evaluations that are a stage of their own; a batched trainer has none.
func trainTasks(info sweep.TrainerInfo, spec sweep.Spec) []string {
	if info.Batched {
		return nil
	}
	return spec.Evaluate
}

// CellsInput asks for a page of a sweep's cells.
type CellsInput struct {
	Sweep string `json:"sweep"`
	From  int    `json:"from"`
	Limit int    `json:"limit"`
}

// Cell is a cell as the workflow sees it.
type Cell struct {
	Ordinal     int         `json:"ordinal"`
	RunID       string      `json:"run"`
	State       sweep.State `json:"state"`
	Model       string      `json:"model"`
	Data        string      `json:"data"`
	SamplesSeen int64       `json:"samples_seen"`
}

// NextCells gives a page of cells with what search attributes need.
func (a *Activities) NextCells(ctx context.Context, in CellsInput) ([]Cell, error) {
	cells, err := a.Store.Cells(ctx, in.Sweep, in.From, in.Limit)
	if err != nil {
		return nil, fail(err)
	}
	ids := make([]string, len(cells))
	for i, c := range cells {
		ids[i] = c.RunID
	}
	runs, err := a.Store.Runs(ctx, ids)
	if err != nil {
		return nil, fail(fmt.Errorf("cells of sweep %s: %w", in.Sweep, err))
	}
	out := make([]Cell, len(cells))
	for i, c := range cells {
		r := runs[i]
		out[i] = Cell{Ordinal: c.Ordinal, RunID: c.RunID, State: c.State, Model: r.Model.Name, Data: r.Data.Name, SamplesSeen: r.SamplesSeen}
	}
	return out, nil
}

// StateInput moves a sweep or a run.
type StateInput struct {
	ID     string      `json:"id"`
	State  sweep.State `json:"state"`
	Reason string      `json:"reason,omitempty"`
}

// SetSweepState moves a sweep.
func (a *Activities) SetSweepState(ctx context.Context, in StateInput) error {
	return fail(a.Store.SetSweepState(ctx, in.ID, in.State, in.Reason))
}

// SetRunState moves a run.
func (a *Activities) SetRunState(ctx context.Context, in StateInput) error {
	return fail(a.Store.SetRunState(ctx, in.ID, in.State, in.Reason))
}

// RunOutcome is where a run stands, for a sweep that did not see it end.
type RunOutcome struct {
	State  sweep.State `json:"state"`
	Reason string      `json:"reason,omitempty"`
}

// ReadRun tells where a run stands.
func (a *Activities) ReadRun(ctx context.Context, id string) (RunOutcome, error) {
	state, reason, err := a.Store.RunState(ctx, id)
	return RunOutcome{State: state, Reason: reason}, fail(err)
}

// Tally counts the cells of a sweep by state.
type Tally struct {
	Counts map[sweep.State]int `json:"counts"`
	Total  int                 `json:"total"`
}

// CountCells counts a sweep's cells as Postgres has them.
func (a *Activities) CountCells(ctx context.Context, name string) (Tally, error) {
	t := Tally{Counts: map[sweep.State]int{}}
	const page = 2000
	for from := 0; ; {
		cells, err := a.Store.Cells(ctx, name, from, page)
		if err != nil {
			return Tally{}, fail(err)
		}
		for _, c := range cells {
			t.Counts[c.State]++
			t.Total++
			from = c.Ordinal + 1
		}
		if len(cells) < page {
			return t, nil
		}
	}
}
