package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
)

// trainSpeed is what bench train measured.
type trainSpeed struct {
	SamplesPerSecond struct {
		Best   float64 `json:"best"`
		Median float64 `json:"median"`
	} `json:"samples_per_second"`
	GFLOPS     float64 `json:"gflops"`               // of the best window; 6 for each forward multiply-add
	StepCPU    float64 `json:"cpu_seconds_per_step"` // of all threads, in the window with the fewest
	PeakShare  float64 `json:"peak_share"`           // of the multiply-adds that the device can do; 0: not known
	Parameters int64   `json:"parameters"`
	Device     string  `json:"device"`
	Model      string  `json:"model"`
	BatchSize  int     `json:"batch_size"`
	Windows    int     `json:"windows"` // of half a second
}

func (a *app) benchTrainCommand() *cobra.Command {
	var model, precision, device string
	var batch, threads int
	var seconds float64
	c := &cobra.Command{
		Use: "train", Short: "Training steps a second of a model, on synthetic data",
		Long:    "Runs whole training steps (forward, backward, AdamW) on random data in windows of half a second. gflops counts 6 for each multiply-add of a forward pass; peak_share divides it by what a loop of independent multiply-adds reaches on the same threads; of a GPU, by what its multiprocessors do at their highest clock.",
		Example: "  scalelaw bench train --model icons-w16 --batch-size 128 -o json", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := benchModel(model, batch, threads, seconds)
			if err != nil {
				return err
			}
			engine, err := a.engineAt(device)
			if err != nil {
				return err
			}
			long, err := precisionNamed(precision)
			if err != nil {
				return err
			}
			speed, err := engine.Speed(c.Context(), m, batch, long, threads, time.Duration(seconds*float64(time.Second)))
			if err != nil {
				return err
			}
			r := trainSpeed{GFLOPS: speed.GFLOPS, StepCPU: speed.StepCPU, PeakShare: speed.PeakShare, Parameters: speed.Parameters, Device: speed.Device, Model: m.Name, BatchSize: batch, Windows: speed.Windows}
			r.SamplesPerSecond.Best, r.SamplesPerSecond.Median = speed.BestSamples, speed.MedianSamples
			t := &table{header: []string{"model", "batch", "samples/s", "median", "CPU ms/step", "GFLOP/s", "of peak", "parameters", "device"}}
			t.add(r.Model, batch, r.SamplesPerSecond.Best, r.SamplesPerSecond.Median, 1e3*r.StepCPU, r.GFLOPS, fmt.Sprintf("%.0f %%", 100*r.PeakShare), r.Parameters, r.Device)
			return a.print(r, t)
		},
	}
	c.Flags().StringVar(&model, "model", "icons-w16", "model of the catalogue, or path of an open_clip model JSON file")
	c.Flags().IntVar(&batch, "batch-size", 128, "pairs of a step")
	c.Flags().StringVar(&precision, "precision", sweep.PrecisionFP32, precisionText)
	deviceFlag(c.Flags(), &device)
	c.Flags().IntVar(&threads, "threads", 0, "threads (0: all cores)")
	c.Flags().Float64Var(&seconds, "seconds", 5, "how long to measure")
	return c
}

// benchModel finds the model and checks the amounts.
func benchModel(name string, batch, threads int, seconds float64) (sweep.Model, error) {
	switch info, _ := sweep.LookupTrainer(sweep.TrainerClip); {
	case int64(batch) < info.MinBatch || int64(batch) > info.MaxBatch:
		return sweep.Model{}, usage("--batch-size is %d; %d to %d", batch, info.MinBatch, info.MaxBatch)
	case !(seconds > 0 && seconds <= 3600):
		return sweep.Model{}, usage("--seconds is %g; more than 0, at most 3600", seconds)
	}
	if err := checkThreads(threads); err != nil {
		return sweep.Model{}, err
	}
	m, err := namedModel(name)
	if err != nil {
		return sweep.Model{}, err
	}
	if m == nil {
		return sweep.Model{}, usage("--model is needed")
	}
	return *m, nil
}
