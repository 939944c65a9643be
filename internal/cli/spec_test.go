package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// fiveMistakes has one on each of five lines.
const fiveMistakes = `name: wrong
trainer: clip
grid:
  model: [icons-w9, icons-w4]
  data: [icons-61k]
  samples_seen: []
chekpoints: 2
recipe: {learning_rate: fast}
`

func TestEveryMistakeOfASweepFileAtOnce(t *testing.T) {
	path := file(t, "wrong.yaml", fiveMistakes)
	want := []string{
		path,
		"line 4, column 11: grid.model[0]: ", `did you mean "icons-w`,
		"line 5, column 10: grid.data[0]: ", `did you mean "icons-6k"?`,
		"line 6, column 17: grid.samples_seen: ",
		"line 7, column 1: chekpoints: ", `did you mean "checkpoints"?`,
		"line 8, column 25: recipe.learning_rate: ",
	}
	for _, args := range [][]string{{"plan", path}, {"submit", path}, {"run", path}, {"extend", "wrong", path}} {
		o := fails(t, environ(t), exitBadInput, want, args...)
		if n := strings.Count(o.err, "line "); n != 5 {
			t.Errorf("%v: %d places, want 5:\n%s", args, n, o.err)
		}
	}
}

func TestSweepFilesThatCannotBeUsed(t *testing.T) {
	broken := file(t, "broken.yaml", "name: [\n")
	planned := "../../examples/openclip-2023.yaml"
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"plan", filepath.Join(t.TempDir(), "none.yaml")}, []string{"none.yaml", "no such file"}},
		{[]string{"plan", t.TempDir()}, []string{"is a directory"}},
		{[]string{"plan", broken}, []string{"broken.yaml", "line "}},
		{[]string{"submit", planned}, []string{"openclip", "not supported", "can be planned, not submitted"}},
		{[]string{"run", planned}, []string{"can be planned, not submitted"}},
		{[]string{"extend", "another", "testdata/quickstart.yaml"}, []string{`"quickstart", not "another"`}},
	} {
		fails(t, environ(t), exitBadInput, c.want, c.args...)
	}
}

// A model given as a path is read beside the sweep file, wherever the program runs.
func TestModelFilesLieBesideTheSweepFile(t *testing.T) {
	path := file(t, "s.yaml", "name: s\ntrainer: openclip\ngrid:\n  model: [./mine.json]\n  data: [LAION-80M]\n  samples_seen: [1M]\n")
	fails(t, environ(t), exitBadInput, []string{"line 4", filepath.Join(filepath.Dir(path), "mine.json")}, "plan", path)
}
