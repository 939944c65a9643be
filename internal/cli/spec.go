package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
)

// readSpec parses a sweep file ("-": stdin). Models and data given as paths are read beside it.
func (a *app) readSpec(ctx context.Context, path string) (*sweep.Spec, []byte, error) {
	text, err := a.readFile(path)
	if err != nil {
		return nil, nil, usage("read the sweep file: %v", err)
	}
	spec, err := sweep.Parse(text, sweep.ParseOptions{OpenData: openData(ctx, filepath.Dir(path), &fileFlags{}), ReadFile: func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		return os.ReadFile(name)
	}})
	if err != nil {
		return nil, nil, fmt.Errorf("%s:\n%w", path, err)
	}
	asJSON, err := specJSON(spec)
	return spec, asJSON, err
}

// specJSON is how a spec travels; equal specs have equal bytes.
func specJSON(spec *sweep.Spec) ([]byte, error) { return json.Marshal(spec) }

func (a *app) readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(a.stdin)
	}
	return os.ReadFile(path)
}

// planWith plans a spec against what a database holds.
func (s *session) planWith(ctx context.Context, spec *sweep.Spec) (*sweep.PlanResult, error) {
	bare, err := sweep.Plan(spec, nil, nil)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(bare.Runs))
	for i, r := range bare.Runs {
		ids[i] = r.ID
	}
	known, err := s.store.KnownRuns(ctx, ids)
	if err != nil {
		return nil, err
	}
	speed, err := s.store.Throughput(ctx)
	if err != nil {
		return nil, err
	}
	return sweep.Plan(spec, known, s.app.estimator(speed))
}

// roughGFLOPs is the pace of the clip trainer on one core with AVX2, forward and backward: 6
// FLOPs a multiply-add of the forward pass. With AVX-512 it is about twice that, without either
// a sixth (docs/benchmarks.md).
const roughGFLOPs = 30.0

// estimator tells what a run takes: by the measured speed of its model, else roughly; and the
// memory of the models that are trained here, of a GPU where there is one and the run may have it.
func (a *app) estimator(speed map[string]float64) sweep.Estimator {
	gpu, room := a.smallestGPU()
	return func(r sweep.Run) (e sweep.Estimate) {
		if r.Trainer == sweep.TrainerClip {
			e = sweep.Estimate{Seconds: r.GMACsTotal * 6 / roughGFLOPs, Source: fmt.Sprintf("assumed: %.0f GFLOP/s a core with AVX2", roughGFLOPs)}
			e.Device = gpu
			if room == 0 || r.Recipe.Device == sweep.DeviceCPU {
				e.Device = "the CPU"
				e.Memory, e.Misfit = clip.BudgetCPU(r)
			} else {
				e.Memory, e.Misfit = clip.BudgetGPU(r, room)
			}
		}
		if perSecond, ok := speed[r.Model.Name]; ok && perSecond > 0 {
			e.Seconds, e.Source = float64(r.ActualSamplesSeen)/perSecond, "measured here"
		}
		return e
	}
}

// available refuses trainers that can only be planned.
func available(spec *sweep.Spec) error {
	t, _ := sweep.LookupTrainer(spec.Trainer)
	if t.Available {
		return nil
	}
	return fmt.Errorf("the trainer %s is %w in this version: the sweep %s can be planned, not submitted", spec.Trainer, sweep.ErrUnsupported, spec.Name)
}

// sameSweep compares a spec with a stored one of that name. A nil record means that there is none.
func (s *session) sameSweep(ctx context.Context, spec *sweep.Spec) (*sweep.SweepRecord, error) {
	record, err := s.store.Sweep(ctx, spec.Name)
	if errors.Is(err, sweep.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	same, err := sameSpec(record, spec)
	if err != nil {
		return nil, err
	}
	if !same {
		return nil, fmt.Errorf("a sweep named %s exists with another spec: %w: give this one a new name, or add its cells with `scalelaw extend %s FILE`", spec.Name, sweep.ErrBadInput, spec.Name)
	}
	return &record, nil
}

// sameSpec compares a spec with a stored one.
func sameSpec(record sweep.SweepRecord, spec *sweep.Spec) (bool, error) {
	var stored sweep.Spec
	if err := json.Unmarshal(record.Spec, &stored); err != nil {
		return false, fmt.Errorf("read the stored spec of sweep %s: %w", record.Name, err)
	}
	stored.Limits.Price = spec.Limits.Price // decides nothing
	was, err := specJSON(&stored)
	if err != nil {
		return false, err
	}
	now, err := specJSON(spec)
	return string(was) == string(now), err
}
