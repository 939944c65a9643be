package clip

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

	// nextFile ends the name of weights whose optimizer state is not yet in its place.
	nextFile = ".next"
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

// CreateFolder makes a folder for a run, or opens the one of the same run to go on; a folder with
// the model of another run is refused. report, if not nil, hears of every step.
func CreateFolder(dir string, run sweep.Run, report func(trainer.Progress)) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the model: %w", err)
	}
	was, err := ReadRun(dir)
	switch missing := errors.Is(err, fs.ErrNotExist); {
	case err != nil && !missing:
		return nil, err
	case (missing || was.ID != run.ID) && trained(dir):
		return nil, fmt.Errorf("%w: %s holds another run (%s): choose another --out", sweep.ErrBadInput, dir, cmp.Or(was.ID, "trained elsewhere"))
	case missing || was.ID != run.ID:
		if err := writeRun(dir, run); err != nil {
			return nil, err
		}
	}
	return &Folder{dir: dir, weights: weightsName(run), saved: time.Now(), report: report}, nil
}

// trained reports whether a folder holds a model: one whose training never got so far is free.
func trained(dir string) bool {
	return slices.ContainsFunc([]string{weightsFile, openWeightsFile, stateFile}, func(name string) bool { return there(filepath.Join(dir, name)) })
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// writeRun writes what a folder is of.
func writeRun(dir string, run sweep.Run) error {
	text, err := json.MarshalIndent(run, "", "  ")
	if err != nil {
		return err
	}
	if o := run.Model.OpenCLIP; o != nil {
		if err := writeConfig(dir, *o); err != nil {
			return err
		}
	}
	return replace(filepath.Join(dir, configFile), func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err })
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

// Resume is where the folder's training stopped; nil when nothing was saved yet. Files that do
// not belong together are refused: nothing that was trained is thrown away.
func (f *Folder) Resume() (*trainer.Snapshot, error) {
	if !trained(f.dir) {
		return nil, f.cutMetrics(0)
	}
	step, err := f.stepOf(stateFile)
	if err != nil {
		return nil, err
	}
	if next, err := f.stepOf(f.weights + nextFile); err == nil && next == step { // it was killed before it put them in their place
		if err := f.place(); err != nil {
			return nil, err
		}
	}
	at, err := f.stepOf(f.weights)
	if err != nil {
		return nil, err
	}
	if at != step {
		return nil, fmt.Errorf("%w: in %s, %s is of step %d and %s of step %d: choose another --out, or remove both to begin anew", sweep.ErrDataMissing, f.dir, f.weights, at, stateFile, step)
	}
	return &trainer.Snapshot{Step: step, Weights: opener(f.dir, f.weights), State: opener(f.dir, stateFile)}, f.cutMetrics(step)
}

// stepOf reads which step a file is of.
func (f *Folder) stepOf(name string) (step int64, err error) {
	file, err := readFile(opener(f.dir, name))
	if err == nil {
		step, err = strconv.ParseInt(file.Metadata["step"], 10, 64)
	}
	if err != nil {
		return 0, fmt.Errorf("go on from %s: %w: %w", filepath.Join(f.dir, name), sweep.ErrDataMissing, err)
	}
	return step, nil
}

// place puts the next weights in their place.
func (f *Folder) place() error {
	path := filepath.Join(f.dir, f.weights)
	return os.Rename(path+nextFile, path)
}

// Checkpoint implements trainer.Sink. Until the state is in its place the pair before stays
// whole; from then on the next weights are those that belong to it, wherever they lie.
func (f *Folder) Checkpoint(_ context.Context, c trainer.Checkpoint) error {
	f.saved = time.Now()
	if err := replace(filepath.Join(f.dir, f.weights+nextFile), c.Weights); err != nil {
		return err
	}
	if err := replace(filepath.Join(f.dir, stateFile), c.State); err != nil {
		return err
	}
	return f.place()
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
