package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// A model trained by hand is the run that a sweep would have trained, with the same id; it can
// be evaluated, and the same command again has nothing left to do.
func TestTrainAndEvalByHand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "w4")
	train := []string{"train", "--model", "icons-w4", "--data", "icons-6k", "--samples-seen", "512", "--batch-size", "128", "--device", "cpu", "--out", dir, "-o", "json"}
	got := decode[map[string]any](t, succeeds(t, environ(t), train...).out)
	o := invoke(environ(t), "name: s\ntrainer: clip\ngrid: {model: [icons-w4], data: [icons-6k], samples_seen: [512]}\nrecipe: {batch_size: 128}\n", "plan", "-", "-o", "json")
	plan := decode[planView](t, o.out)
	equal(t, "run, steps, folder", []any{got["run"], got["steps"], got["folder"]}, []any{plan.Runs[0].ID, 4.0, dir})
	for _, name := range []string{"scalelaw_config.json", "model.safetensors", "metrics.jsonl"} {
		if s, err := os.Stat(filepath.Join(dir, name)); err != nil || s.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	scores := decode[[]sweep.Score](t, succeeds(t, environ(t), "eval", dir, "--tasks", "icons-test", "-o", "json").out)
	if len(scores) == 0 || scores[0].Task != "icons-test" || !(scores[0].Value > 0 && scores[0].Value <= 1) {
		t.Errorf("%+v", scores)
	}
	fails(t, environ(t), exitBadInput, []string{"--tasks is empty", "icons-test"}, "eval", dir, "--tasks", "")
	fails(t, environ(t), exitBadInput, []string{"--threads is -3"}, "eval", dir, "--threads", "-3")
	fails(t, environ(t), exitBadInput, []string{"--model tiny", "holds icons-w4"}, "eval", dir, "--model", "tiny")
	has(t, "again", succeeds(t, environ(t), train...).err, "going on at step 4 of 4")
	fails(t, environ(t), exitBadInput, []string{"holds another run", "--out"}, append(train, "--seed", "1")...)
}

// Mistakes in flags are told by the rules of sweep files, without the lines of a file that the
// user never wrote.
func TestTrainFlags(t *testing.T) {
	whole := []string{"train", "--model", "icons-w4", "--data", "icons-6k", "--samples-seen", "1K", "--out", filepath.Join(t.TempDir(), "m")}
	for _, c := range []struct {
		more []string
		want []string
	}{
		{[]string{"--model", "icons-w5", "--learning-rate", "0"}, []string{`--model: unknown model "icons-w5"`, "--learning-rate: 0 is not more than 0"}},
		{[]string{"--samples-seen", "lots"}, []string{"--samples-seen: ", "lots"}},
		{[]string{"--warmup", "soon"}, []string{"warmup", "soon"}},
		{[]string{"--schedule", "linear"}, []string{"schedule", "cosine"}},
		{[]string{"--device", "gpu"}, []string{"--device", `"gpu"`, "cuda:N"}},
		{[]string{"--device", "cuda:0,0"}, []string{"--device", `"cuda:0,0"`}},
		{[]string{"--precision", "fp16"}, []string{"--precision", "fp16", "bf16"}},
		{[]string{"--accum-freq", "3"}, []string{"batch_size 128 cannot be cut into 3 equal parts"}},
		{[]string{"--engine", "torch"}, []string{"--engine torch", "native and gorgonia"}},
		{[]string{"--engine", "gorgonia"}, []string{"--engine gorgonia", "icons-* ladder"}},
		{[]string{"--order", "random"}, []string{"--order random", "shuffled"}},
		{[]string{"--augment", "flip"}, []string{"--augment flip", "shift"}},
		{[]string{"--augment", "crop"}, []string{"augment crop on icons-6k", "shift or none"}},
		{[]string{"--model", "ViT-B-32"}, []string{"icons have 32 pixels", "image_size is 224"}},
		{[]string{"--init", "nowhere"}, []string{"--init", "no such file"}},
		{[]string{"--out", ""}, []string{"--out are needed"}},
		{[]string{"--threads", "-3"}, []string{"--threads is -3"}},
	} {
		o := fails(t, environ(t), exitBadInput, c.want, append(whole, c.more...)...)
		if strings.Contains(o.err, "line ") {
			t.Errorf("%v: %s", c.more, o.err)
		}
	}
	if _, err := os.Stat(whole[len(whole)-1]); !os.IsNotExist(err) {
		t.Errorf("a refused command made its folder: %v", err)
	}
	fails(t, environ(t), exitBadInput, []string{"no such file"}, "eval", t.TempDir())
}

// Training by hand warns as a plan does: here of a rate that never gets to its peak.
func TestTrainWarns(t *testing.T) {
	o := succeeds(t, environ(t), "train", "--model", "icons-w4", "--data", "icons-6k", "--samples-seen", "128", "--batch-size", "64", "--warmup", "2000", "--out", filepath.Join(t.TempDir(), "m"))
	has(t, "stderr", o.err, "warning: ", "warm-up as long as the run or longer")
}
