package clip

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// Files of a model that was trained by hand. One of open_clip's models also has the files that
// open_clip loads (openConfigFile), its weights among them (openWeightsFile).
const (
	configFile  = "scalelaw_config.json" // the run
	weightsFile = "model.safetensors"
	stateFile   = "optimizer.safetensors"
	metricsFile = "metrics.jsonl"
)

// Folder is a model trained by hand: its run, weights, optimizer state and a metrics line a
// logged step. It is also the sink of the training that fills it; every file is replaced whole.
type Folder struct {
	dir     string
	weights string // name of the weights' file
	saved   time.Time
	metrics *os.File
	report  func(trainer.Progress)
}

// folderSaveEvery is how much training an interruption by force may cost.
const folderSaveEvery = 30 * time.Second

// CreateFolder makes a folder for a run, or opens the one of the same run to go on; a folder of
// another run is refused. report, if not nil, hears of every step.
func CreateFolder(dir string, run sweep.Run, report func(trainer.Progress)) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the model: %w", err)
	}
	was, err := ReadRun(dir)
	switch {
	case err == nil && was.ID != run.ID:
		return nil, fmt.Errorf("%w: %s holds another run (%s): choose another --out", sweep.ErrBadInput, dir, was.ID)
	case errors.Is(err, fs.ErrNotExist):
		text, err := json.MarshalIndent(run, "", "  ")
		if err != nil {
			return nil, err
		}
		if err := replace(filepath.Join(dir, configFile), func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err }); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	if o := run.Model.OpenCLIP; o != nil {
		if err := writeConfig(dir, *o); err != nil {
			return nil, err
		}
	}
	return &Folder{dir: dir, weights: weightsName(run), saved: time.Now(), report: report}, nil
}

// weightsName is the name of the file with a run's weights.
func weightsName(run sweep.Run) string {
	if run.Model.OpenCLIP != nil {
		return openWeightsFile
	}
	return weightsFile
}

// ReadRun reads which run a folder is of.
func ReadRun(dir string) (run sweep.Run, err error) {
	text, err := os.ReadFile(filepath.Join(dir, configFile))
	if err != nil {
		return run, fmt.Errorf("open the model in %s: %w", dir, err)
	}
	if err := json.Unmarshal(text, &run); err != nil {
		return run, fmt.Errorf("%w: %s in %s: %w", sweep.ErrBadInput, configFile, dir, err)
	}
	return run, nil
}

func opener(dir, name string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return os.Open(filepath.Join(dir, name)) }
}

// Resume is where the folder's training stopped; nil when it has not begun, or its two files
// are of different steps because it was killed between them.
func (f *Folder) Resume() (*trainer.Snapshot, error) {
	step := int64(-1)
	for _, name := range []string{f.weights, stateFile} {
		file, err := readFile(opener(f.dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, f.cutMetrics(0)
		}
		if err != nil {
			return nil, fmt.Errorf("resume from %s: %w", filepath.Join(f.dir, name), err)
		}
		var at int64
		if _, err := fmt.Sscan(file.Metadata["step"], &at); err != nil || step >= 0 && at != step {
			return nil, f.cutMetrics(0)
		}
		step = at
	}
	return &trainer.Snapshot{Step: step, Weights: opener(f.dir, f.weights), State: opener(f.dir, stateFile)}, f.cutMetrics(step)
}

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

// metricLine is a line of metrics.jsonl.
type metricLine struct {
	Step             int64   `json:"step"`
	SamplesSeen      int64   `json:"samples_seen"`
	Loss             float64 `json:"loss"`
	LearningRate     float64 `json:"learning_rate"`
	GradNorm         float64 `json:"grad_norm"`
	SamplesPerSecond float64 `json:"samples_per_second"`
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
			l.Loss = r.Value
		case "learning_rate":
			l.LearningRate = r.Value
		case "grad_norm":
			l.GradNorm = r.Value
		case "samples_per_second":
			l.SamplesPerSecond = r.Value
		}
	}
	return json.NewEncoder(f.metrics).Encode(l)
}

// Checkpoint implements trainer.Sink.
func (f *Folder) Checkpoint(_ context.Context, c trainer.Checkpoint) error {
	f.saved = time.Now()
	return errors.Join(replace(filepath.Join(f.dir, f.weights), c.Weights), replace(filepath.Join(f.dir, stateFile), c.State))
}

// CheckpointDue implements trainer.Sink.
func (f *Folder) CheckpointDue() bool { return time.Since(f.saved) > folderSaveEvery }

// Progress implements trainer.Sink.
func (f *Folder) Progress(p trainer.Progress) {
	if f.report != nil {
		f.report(p)
	}
}

// Close closes the metrics.
func (f *Folder) Close() error {
	if f.metrics == nil {
		return nil
	}
	return f.metrics.Close()
}

// replace writes a file beside its place, makes it durable, and renames it.
func replace(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(file.Name()) // gone already when it was renamed
	buffered := bufio.NewWriter(file)
	if err := errors.Join(write(buffered), buffered.Flush(), file.Sync(), file.Close(), os.Chmod(file.Name(), 0o644)); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}
