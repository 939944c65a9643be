package cli

import (
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/clip/gorgonia"
)

// engineGorgonia names the engine that derives the gradients by gorgonia.
const engineGorgonia = "gorgonia"

// trainEngine is what train computes with. Another engine gives other bits: it is part of the
// run's id.
func (a *app) trainEngine(name string, run *sweep.Run) (clip.Engine, error) {
	engine := a.engine()
	if name != engineGorgonia {
		return engine, nil
	}
	if run.Model.OpenCLIP == nil {
		return engine, usage("--engine gorgonia has open_clip's models; the icons-* ladder is for the native engine")
	}
	var err error
	run.TrainerRevision += "-gorgonia"
	run.ID, err = sweep.RunID(*run)
	engine.Other = &clip.OtherEngine{Name: engineGorgonia, Learn: func(m sweep.Model, batch int) (clip.Learner, error) {
		return gorgonia.New[float32](*m.OpenCLIP, batch)
	}}
	return engine, err
}
