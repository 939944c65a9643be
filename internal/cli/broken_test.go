package cli

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// A model whose weights are NaN has no score and no vectors, and is named.
func TestBrokenModels(t *testing.T) {
	dir := trainTiny(t)
	path := filepath.Join(dir, "open_clip_model.safetensors")
	tensors, err := clip.ReadTensors(path)
	must(t, err)
	for _, x := range tensors {
		for i := range x.Data {
			x.Data[i] = float32(math.NaN())
		}
	}
	f, err := os.Create(path)
	must(t, err)
	must(t, safetensors.Write(f, safetensors.File{Tensors: tensors}))
	must(t, f.Close())
	texts := file(t, "texts.txt", "a cat\n")
	for _, args := range [][]string{{"eval", dir, "--tasks", "icons-test"}, {"eval", dir, "--tasks", "icons-retrieval"}, {"embed", dir, "--texts", texts}, {"embed", dir, "--texts", texts, "-o", "npy"}} {
		o := fails(t, environ(t), exitBadInput, []string{dir, "NaN", "weights are damaged"}, args...)
		equal(t, "stdout", o.out, "")
	}
}

// A run that diverges says at which step, and its metrics can be read.
func TestTrainThatDiverges(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "m")
	fails(t, environ(t), exitRunsFailed, []string{"the run diverged: the loss is NaN at step "},
		"train", "--model", "icons-w4", "--data", "icons-6k", "--samples-seen", "1K", "--batch-size", "64", "--learning-rate", "1e30", "--warmup", "0", "--out", dir)
	text, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	must(t, err)
	last := ""
	for line := range strings.Lines(string(text)) {
		last = line
		decode[map[string]any](t, line)
	}
	has(t, "the last line", last, `"loss":null`)
}

// What is damaged or lost in data is bad input, whichever verb finds it.
func TestDamagedDataHasOneExitCode(t *testing.T) {
	shard := filepath.Join(exported(t, "pixel"), "00000.tar")
	text, err := os.ReadFile(shard)
	must(t, err)
	must(t, os.WriteFile(shard, text[:len(text)/2+100], 0o644))
	lost := file(t, "lost.csv", "filepath,title\nnowhere/a.png,a\nnowhere/b.png,b\n")
	train := func(data string) []string {
		return []string{"train", "--model", "tiny", "--data", data, "--samples-seen", "8", "--batch-size", "2", "--out", filepath.Join(t.TempDir(), "m")}
	}
	for _, args := range [][]string{{"data", "list", shard}, {"data", "show", shard}, train(shard), train(lost)} {
		fails(t, environ(t), exitBadInput, []string{"data missing"}, args...)
	}
}
