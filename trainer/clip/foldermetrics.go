package clip

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/scalelaw/scalelaw/sweep"
)

// cutMetrics removes lines after a step, which training will write again.
func (f *Folder) cutMetrics(step int64) error {
	path := filepath.Join(f.dir, metricsFile)
	old, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer old.Close()
	return replace(path, func(w io.Writer) error {
		lines := bufio.NewScanner(old)
		for lines.Scan() {
			var l metricLine
			if json.Unmarshal(lines.Bytes(), &l) != nil || l.Step > step {
				break
			}
			if _, err := w.Write(append(lines.Bytes(), '\n')); err != nil {
				return err
			}
		}
		return lines.Err()
	})
}

// metricLine is a line of metrics.jsonl. A number that JSON does not have, of a run that
// diverged, is null.
type metricLine struct {
	Step             int64    `json:"step"`
	SamplesSeen      int64    `json:"samples_seen"`
	Loss             *float64 `json:"loss"`
	LearningRate     *float64 `json:"learning_rate"`
	GradNorm         *float64 `json:"grad_norm"`
	SamplesPerSecond *float64 `json:"samples_per_second"`
}

// Metrics implements trainer.Sink: the rows of one step are one line.
func (f *Folder) Metrics(_ context.Context, rows []sweep.Metric) error {
	if f.metrics == nil {
		file, err := os.OpenFile(filepath.Join(f.dir, metricsFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
		f.metrics = file
	}
	var l metricLine
	for _, r := range rows {
		l.Step, l.SamplesSeen = r.Step, r.SamplesSeen
		switch r.Name {
		case "loss":
			l.Loss = finite(r.Value)
		case "learning_rate":
			l.LearningRate = finite(r.Value)
		case "grad_norm":
			l.GradNorm = finite(r.Value)
		case "samples_per_second":
			l.SamplesPerSecond = finite(r.Value)
		}
	}
	return json.NewEncoder(f.metrics).Encode(l)
}

// finite is x, or nil where x is no finite number.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
