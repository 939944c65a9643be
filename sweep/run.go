package sweep

import "fmt"

// Run is one cell of a grid, fully resolved: everything that decides its weights,
// and what that costs. Its ID is the content hash of the former (see RunID), so two
// sweeps that ask for the same cell share one Run.
type Run struct {
	ID              string `json:"id"`
	Trainer         string `json:"trainer"`          // clip, openclip, command, surface
	TrainerRevision string `json:"trainer_revision"` // changes when the numerics change

	Model Model   `json:"model"`
	Data  Dataset `json:"data"`

	SamplesSeen       int64 `json:"samples_seen"`        // asked for
	ActualSamplesSeen int64 `json:"actual_samples_seen"` // whole global batches

	Seed    int64    `json:"seed"`
	Recipe  Recipe   `json:"recipe"`
	Init    string   `json:"init,omitempty"`    // sha256 of the weights it begins with; "": drawn from the seed
	Surface *Surface `json:"surface,omitempty"` // only for the surface trainer

	GMACsPerSample float64 `json:"gmacs_per_sample"` // forward pass, image + text tower
	GMACsTotal     float64 `json:"gmacs_total"`      // GMACsPerSample x ActualSamplesSeen

	Checkpoints int `json:"checkpoints"` // kept, evenly spaced; no part of the ID
}

// Steps is the number of optimizer steps: actual samples seen over the global batch size.
func (r Run) Steps() int64 { return r.ActualSamplesSeen / int64(r.Recipe.BatchSize) }

// KeepSteps are the steps after which a checkpoint is kept: Checkpoints of them,
// evenly spaced, the last one always Steps().
func (r Run) KeepSteps() []int64 {
	n := max(int64(r.Checkpoints), 1)
	var keep []int64
	for i := int64(1); i <= n; i++ {
		step := r.Steps() * i / n
		if step > 0 && (len(keep) == 0 || keep[len(keep)-1] != step) {
			keep = append(keep, step)
		}
	}
	return keep
}

// Accumulations is the number of parts in which a device takes its share of a batch.
func (r Recipe) Accumulations() int { return max(r.AccumFreq, 1) }

// Replicas is the number of devices that share each batch.
func (r Recipe) Replicas() int { return max(r.Devices, 1) }

// MicroBatch is the pairs that a device takes at once.
func (r Recipe) MicroBatch() int { return r.BatchSize / r.Accumulations() / r.Replicas() }

// divides wants a batch that can be cut as the recipe says.
func (r Recipe) divides() error {
	if parts := r.Accumulations() * r.Replicas(); r.BatchSize%parts != 0 {
		return fmt.Errorf("batch_size %d cannot be cut into %d equal parts (accum_freq %d, devices %d)", r.BatchSize, parts, r.Accumulations(), r.Replicas())
	}
	return nil
}

// Recipe is how a run is optimized, resolved: no defaults left open, warm-up in steps.
type Recipe struct {
	BatchSize    int     `json:"batch_size"` // global
	LearningRate float64 `json:"learning_rate"`
	WarmupSteps  int64   `json:"warmup_steps"`
	WeightDecay  float64 `json:"weight_decay"`
	Beta1        float64 `json:"beta1"`
	Beta2        float64 `json:"beta2"`
	Eps          float64 `json:"eps"`
	Schedule     string  `json:"schedule"`  // cosine (to zero) or constant
	Precision    string  `json:"precision"` // fp32, tf32 or amp_bf16

	Order   string `json:"order,omitempty"`   // of the samples: "" is anew in every epoch; or sequential
	Augment string `json:"augment,omitempty"` // of the images: "" is the data's usual, see the field; or none

	AccumFreq int `json:"accum_freq,omitempty"` // parts that a device takes its batch in; 0: one

	Placement
}

// Placement is where and how a run computes, as far as that leaves its bits alone or is for the
// machine to say: no part of its ID.
type Placement struct {
	GradCheckpointing bool   `json:"grad_checkpointing,omitempty"` // activations are computed again instead of kept
	Device            string `json:"device,omitempty"`             // cpu or cuda; "": whatever there is
	Devices           int    `json:"devices,omitempty"`            // that share each batch; 0: one
}

// Surface is the law that the surface trainer draws errors from:
// log E = log(Floor + Beta*C^Alpha) + Noise*N(0,1), C in forward GMACs (total), E capped at Chance.
type Surface struct {
	Alpha  float64 `json:"alpha"`
	Beta   float64 `json:"beta"`
	Floor  float64 `json:"floor"`
	Noise  float64 `json:"noise"`  // standard deviation of log E
	Chance float64 `json:"chance"` // error of guessing, as a fraction
}
