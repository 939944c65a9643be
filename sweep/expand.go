package sweep

import (
	"errors"
	"fmt"
	"maps"
)

// cells are the combinations of the axes in row-major order of the file, without the
// excluded ones, then the included ones. Each is the fields that the file sets for it.
func (s *Spec) cells() []Values {
	var all []Values
	if len(s.Grid) > 0 {
		all = []Values{{}}
	}
	for _, axis := range s.Grid {
		var next []Values
		for _, cell := range all {
			for _, value := range axis.Values {
				wider := maps.Clone(cell)
				wider[axis.Field] = value
				next = append(next, wider)
			}
		}
		all = next
	}
	var kept []Values
	for _, cell := range all {
		if !s.excluded(cell) {
			kept = append(kept, cell)
		}
	}
	return append(kept, s.Include...)
}

func (s *Spec) excluded(cell Values) bool {
	for _, e := range s.Exclude {
		if cell.matches(e) {
			return true
		}
	}
	return false
}

// matches reports whether every field of want has that value here.
func (v Values) matches(want Values) bool {
	for name, value := range want {
		if v[name] != value {
			return false
		}
	}
	return len(want) > 0
}

// settings are a cell's fields over the first rules that match, over the recipe, over the
// trainer's defaults: what is nearest to the cell wins.
func (s *Spec) settings(t TrainerInfo, cell Values) Values {
	set := maps.Clone(t.Recipe)
	if set == nil {
		set = Values{}
	}
	maps.Copy(set, s.Recipe)
	byRule := Values{}
	for _, rule := range s.Rules {
		if !cell.matches(rule.When) {
			continue
		}
		for name, value := range rule.Set {
			if _, done := byRule[name]; !done {
				byRule[name] = value
			}
		}
	}
	maps.Copy(set, byRule)
	maps.Copy(set, cell)
	return set
}

// resolve makes the run of a cell: defaults filled in, samples in whole batches, warm-up in
// steps, compute counted, id computed.
func (s *Spec) resolve(cell Values) (Run, error) {
	t, ok := LookupTrainer(s.Trainer)
	if !ok {
		return Run{}, fmt.Errorf("%w: unknown trainer %q", ErrBadInput, s.Trainer)
	}
	set := s.settings(t, cell)
	r := Run{Trainer: t.Name, TrainerRevision: t.Revision, Surface: s.Surface, Checkpoints: max(s.Checkpoints, 1)}
	if err := s.resolveNames(&r, set, t); err != nil {
		return Run{}, err
	}
	r.SamplesSeen, _ = set["samples_seen"].(int64)
	r.Seed, _ = set["seed"].(int64)
	r.Recipe = resolveRecipe(set, r.SamplesSeen)
	var err error
	if r.Recipe.Augment, err = resolveAugment(set["augment"], r.Data); err != nil {
		return Run{}, fmt.Errorf("%w: %w", ErrBadInput, err)
	}
	if r.SamplesSeen < 1 || r.Recipe.BatchSize < 1 {
		return Run{}, fmt.Errorf("%w: cell %v: samples_seen and batch_size must be positive", ErrBadInput, cell)
	}
	if err := r.Recipe.divides(); err != nil {
		return Run{}, fmt.Errorf("%w: %w", ErrBadInput, err)
	}
	r.ActualSamplesSeen = WholeBatches(r.SamplesSeen, r.Recipe.BatchSize)
	r.GMACsPerSample = r.Model.GMACs().Total()
	r.GMACsTotal = r.GMACsPerSample * float64(r.ActualSamplesSeen)
	r.ID, err = RunID(r)
	return r, err
}

func (s *Spec) resolveNames(r *Run, set Values, t TrainerInfo) error {
	model, _ := set["model"].(string)
	data, _ := set["data"].(string)
	var ok bool
	if r.Model, ok = s.Models[model]; !ok {
		if r.Model, ok = LookupModel(model); !ok {
			return fmt.Errorf("%w: unknown model %q", ErrBadInput, model)
		}
	}
	if r.Data, ok = s.Data[data]; !ok {
		r.Data, ok = LookupDataset(data)
	}
	if !ok {
		return fmt.Errorf("%w: unknown data set %q", ErrBadInput, data)
	}
	if err := errors.Join(t.takesModel(r.Model), t.takesData(r.Data), t.takes(r.Model, r.Data)); err != nil {
		return fmt.Errorf("%w: model %s on %s: %w", ErrBadInput, model, data, err)
	}
	return nil
}

// defaultWarmup is a tenth of the steps, at most 200 of them.
func defaultWarmup(steps int64) int64 { return min(steps/10, 200) }

func resolveRecipe(set Values, samples int64) Recipe {
	batch, _ := set["batch_size"].(int64)
	recipe := Recipe{BatchSize: int(batch)}
	recipe.LearningRate, _ = set["learning_rate"].(float64)
	recipe.WeightDecay, _ = set["weight_decay"].(float64)
	recipe.Beta1, _ = set["beta1"].(float64)
	recipe.Beta2, _ = set["beta2"].(float64)
	recipe.Eps, _ = set["eps"].(float64)
	recipe.Schedule, _ = set["schedule"].(string)
	recipe.Precision, _ = set["precision"].(string)
	recipe.Order = unless(set["order"], defaultOrder)
	recipe.AccumFreq = moreThanOne(set["accum_freq"])
	recipe.Placement = Placement{Device: unless(set["device"], DeviceAuto), Devices: moreThanOne(set["devices"])}
	recipe.GradCheckpointing, _ = set["grad_checkpointing"].(bool)
	if batch > 0 {
		recipe.WarmupSteps = warmupSteps(set["warmup"], WholeBatches(samples, int(batch))/batch)
	}
	return recipe
}

// resolveAugment wants what the data's images can have done to them.
func resolveAugment(asked any, d Dataset) (string, error) {
	usual := augmentShift
	if d.Source != SourceIcons {
		usual = augmentCrop
	}
	if a := unless(asked, usual); a != "" && a != augmentNone {
		return "", fmt.Errorf("augment %s on %s: its images have %s or none", a, d.Name, usual)
	}
	return unless(asked, usual), nil
}

// moreThanOne is a count, or nothing when it is one, as in the runs that never heard of it.
func moreThanOne(value any) int {
	if n, _ := value.(int64); n > 1 {
		return int(n)
	}
	return 0
}

// unless is a name, or nothing when it is the usual one.
func unless(value any, usual string) string {
	if name, _ := value.(string); name != usual {
		return name
	}
	return ""
}

// warmupSteps turns 5% or a number of steps, or nothing, into steps.
func warmupSteps(asked any, steps int64) int64 {
	switch w := asked.(type) {
	case int64:
		return w
	case string:
		var percent float64
		if _, err := fmt.Sscanf(w, "%g%%", &percent); err == nil {
			return int64(percent * float64(steps) / 100) // in this order 29% of 100 is 29
		}
	}
	return defaultWarmup(steps)
}
