package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestEvalOnFiles(t *testing.T) {
	dir, pixel := trainTiny(t), exported(t, "pixel", "--shard-size", "200")
	scores := decode[[]sweep.Score](t, succeeds(t, environ(t), "eval", dir, "--test", pixel+"/*.tar", "--retrieval", pixel+"/00000.tar", "-o", "json").out)
	if len(scores) != 9 || scores[0].Task != "zeroshot" || scores[0].Metric != "top1_error" || scores[0].Samples != 389 || scores[3].Task != "retrieval" || scores[3].Samples != 200 {
		t.Errorf("%+v", scores)
	}
	has(t, "as csv", succeeds(t, environ(t), "eval", dir, "--test", pixel+"/*.tar", "-o", "csv").out, "zeroshot/mean_per_class_error,")
	both := succeeds(t, environ(t), "eval", filepath.Join(dir, "open_clip_model.safetensors"), "--tasks", "icons-test", "--retrieval", pixel+"/*.tar").out
	has(t, "tasks that are asked for too", both, "icons-test/top1_error", "retrieval/text_recall@5")

	ladder := filepath.Join(t.TempDir(), "w4")
	succeeds(t, environ(t), "train", "--model", "icons-w4", "--data", "icons-6k", "--samples-seen", "128", "--out", ladder)
	names, templates := filepath.Join(t.TempDir(), "names"), filepath.Join(t.TempDir(), "templates")
	for path, text := range map[string]string{names: "cat\ndog\n", templates: "a photo\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{dir, "--classes", names}, exitBadInput, []string{"--test"}},
		{[]string{dir, "--test", pixel + "/*.tar", "--classes", names}, exitBadInput, []string{"of class", "there are 2"}},
		{[]string{dir, "--test", pixel + "/*.tar", "--templates", templates}, exitBadInput, []string{`"a photo" has no {c}`}},
		{[]string{dir, "--test", exported(t, "retrieval") + "/*.tar"}, exitBadInput, []string{"classnames.txt", "--classes"}},
		{[]string{dir, "--test", "pixel"}, exitBadInput, []string{"--test", "names no files"}},
		{[]string{dir, "--retrieval", "nowhere/*.tar"}, exitBadInput, []string{"nowhere"}},
		{[]string{ladder, "--retrieval", pixel + "/*.tar"}, exitBadInput, []string{"icons-w4", "only open_clip's models", "--tasks"}},
	} {
		o := invoke(environ(t), "", append([]string{"eval"}, c.args...)...)
		if o.code != c.code {
			t.Errorf("%v: exit code %d", c.args, o.code)
		}
		has(t, strings.Join(c.args, " "), o.err, c.want...)
	}
}
