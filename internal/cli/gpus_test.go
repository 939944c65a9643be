package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

func TestAWorkerTakesAsManyRunsAsGPUs(t *testing.T) {
	for _, c := range []struct {
		options    workerOptions
		gpus, want int
	}{
		{workerOptions{}, 0, 16},
		{workerOptions{runsPerGPU: 1}, 4, 5},
		{workerOptions{runsPerGPU: 3}, 2, 7},
		{workerOptions{concurrency: 2, runsPerGPU: 3}, 8, 2},
	} {
		if got := c.options.atOnce(c.gpus); got != c.want {
			t.Errorf("%+v with %d GPUs: %d, want %d", c.options, c.gpus, got, c.want)
		}
	}
	if err := (workerOptions{runsPerGPU: 65}).checkGPUs(); exitCode(err) != exitBadInput || !strings.Contains(err.Error(), "--runs-per-gpu") {
		t.Error(err)
	}
}

// appWith is a program whose libraries of CUDA lie in a folder.
func appWith(t *testing.T, folder string) (*app, *bytes.Buffer) {
	t.Helper()
	var errs bytes.Buffer
	data := t.TempDir()
	a := &app{stderr: &errs, getenv: func(name string) string {
		return map[string]string{library.Variable: folder, "SCALELAW_DATA_DIR": data, "SCALELAW_SHARE_GPUS": "1"}[name]
	}}
	must(t, a.configure())
	return a, &errs
}

func TestDoctorTellsWhatGPUsNeed(t *testing.T) {
	a, _ := appWith(t, emulator.Open(t).Folder)
	found := map[string]finding{}
	for _, f := range a.examineGPUs() {
		found[f.What] = f
	}
	for what, says := range map[string]string{
		"NVIDIA driver": "serves CUDA 13.0", "cuda:0": "Emulated GPU, sm_90", "NVRTC": "libcuda.so.1", "cublasLt": "libcuda.so.1", "NCCL": "libcuda.so.1",
	} {
		if f := found[what]; !f.OK || !strings.Contains(f.Detail, says) {
			t.Errorf("%s: %+v", what, f)
		}
	}
}

func TestADriverThatDoesNotOpenIsSaid(t *testing.T) {
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "libcuda.so.1"), []byte("text"), 0o644))
	a, errs := appWith(t, folder)
	found := a.examineGPUs()
	if len(found) != 1 || !found[0].OK || !strings.Contains(found[0].Detail, "runs compute on the CPU: foreign library") {
		t.Errorf("%+v", found)
	}
	if devices, n := a.handOut(workerOptions{}); devices == nil || n != 0 {
		t.Errorf("%v, %d", devices, n)
	}
	if got := errs.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "runs compute on the CPU: foreign library") {
		t.Errorf("said %q", got)
	}
}

func TestAWorkerHandsOutWhatIsThere(t *testing.T) {
	a, errs := appWith(t, emulator.Open(t, "devices=2").Folder)
	if _, n := a.handOut(workerOptions{}); n != 2 || !strings.Contains(errs.String(), "cuda:1 is Emulated GPU") {
		t.Errorf("%d devices, said %q", n, errs)
	}
}
