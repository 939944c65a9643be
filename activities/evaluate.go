package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// EvaluateInput asks for one checkpoint of a run to be scored on tasks.
type EvaluateInput struct {
	RunID  string   `json:"run"`
	Step   int64    `json:"step"`
	Tasks  []string `json:"tasks"`
	Finish bool     `json:"finish,omitempty"` // the run's last stage: mark it as succeeded
}

// EvaluateResult counts what was computed; the scores are in Postgres.
type EvaluateResult struct {
	Scores int `json:"scores"`
}

// Evaluate scores a checkpoint on those of the tasks that it has no score on yet.
func (a *Activities) Evaluate(ctx context.Context, in EvaluateInput) (EvaluateResult, error) {
	scores, err := a.evaluate(ctx, in)
	err = stopped(ctx, err)
	if err == nil && in.Finish {
		err = a.Store.SetRunState(ctx, in.RunID, sweep.Succeeded, "")
	}
	return EvaluateResult{Scores: scores}, fail(err)
}

func (a *Activities) evaluate(ctx context.Context, in EvaluateInput) (n int, err error) {
	defer recovered(ctx, &err)
	open, err := a.openTasks(ctx, in)
	if err != nil || len(open) == 0 {
		return 0, err
	}
	run, err := a.Store.Run(ctx, in.RunID)
	if err != nil {
		return 0, err
	}
	t, err := a.trainer(run)
	if err != nil {
		return 0, err
	}
	checkpoint, err := a.checkpoint(ctx, in.RunID, in.Step)
	if err != nil {
		return 0, err
	}
	defer beatWhile(ctx)()
	device, giveBack, err := a.Devices.take(ctx, alone(run))
	if err != nil {
		return 0, err
	}
	defer func() { giveBack(err) }()
	scores, err := t.Evaluate(ctx, trainer.EvalJob{Run: run, Weights: a.opener(ctx, checkpoint.Weights), Tasks: open, Threads: a.Threads, Device: device})
	if err != nil {
		return 0, err
	}
	rows := make([]sweep.Evaluation, len(scores))
	for i, s := range scores {
		rows[i] = sweep.Evaluation{RunID: in.RunID, Step: in.Step, Score: s}
	}
	return len(rows), a.Store.AddEvaluations(ctx, rows)
}

// alone is a run as its evaluation sees it: one device does.
func alone(run sweep.Run) sweep.Run {
	run.Recipe.Devices = 1
	return run
}

// openTasks are the tasks without a score at this checkpoint.
func (a *Activities) openTasks(ctx context.Context, in EvaluateInput) ([]string, error) {
	done, err := a.Store.Evaluations(ctx, in.RunID)
	if err != nil {
		return nil, err
	}
	scored := func(task string) bool {
		return slices.ContainsFunc(done, func(e sweep.Evaluation) bool { return e.Step == in.Step && e.Task == task })
	}
	return slices.DeleteFunc(slices.Clone(in.Tasks), scored), nil
}

func (a *Activities) checkpoint(ctx context.Context, runID string, step int64) (sweep.Checkpoint, error) {
	checkpoints, err := a.Store.Checkpoints(ctx, runID)
	if err != nil {
		return sweep.Checkpoint{}, err
	}
	for _, c := range checkpoints {
		if c.Step == step {
			return c, nil
		}
	}
	return sweep.Checkpoint{}, fmt.Errorf("checkpoint of run %s at step %d: %w", runID, step, sweep.ErrDataMissing)
}

// beatWhile heartbeats until the returned function is called.
func beatWhile(ctx context.Context) (stop func()) {
	return (&sink{}).heartbeat(ctx)
}

// KeptInput asks for the kept checkpoints of a sweep's runs.
type KeptInput struct {
	Sweep string `json:"sweep"`
	From  int    `json:"from"`
	Limit int    `json:"limit"`
}

// KeptCheckpoint is one of them.
type KeptCheckpoint struct {
	RunID string `json:"run"`
	Step  int64  `json:"step"`
}

// KeptPage is a page of them, by cells.
type KeptPage struct {
	Cells       int              `json:"cells"`
	Checkpoints []KeptCheckpoint `json:"checkpoints"`
}

// KeptCheckpoints lists the kept checkpoints of some cells of a sweep.
func (a *Activities) KeptCheckpoints(ctx context.Context, in KeptInput) (KeptPage, error) {
	cells, err := a.Store.Cells(ctx, in.Sweep, in.From, in.Limit)
	if err != nil {
		return KeptPage{}, fail(err)
	}
	page := KeptPage{Cells: len(cells)}
	for _, c := range cells {
		kept, err := a.kept(ctx, c.RunID)
		if err != nil {
			return KeptPage{}, fail(err)
		}
		for _, step := range stepsOf(kept) {
			page.Checkpoints = append(page.Checkpoints, KeptCheckpoint{c.RunID, step})
		}
	}
	return page, nil
}
