package cli

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
)

// example is a command of a document with lines that its output must have.
type example struct {
	command string
	want    []string
}

// examples are those of a document's console blocks.
func examples(t *testing.T, path string) []example {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		command, begins := strings.CutPrefix(line, "$ scalelaw ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case inside && begins:
			all = append(all, example{command: command})
		case inside:
			all[len(all)-1].want = append(all[len(all)-1].want, line)
		}
	}
	return all
}

// Every example of docs/statistics.md prints what it says.
func TestStatisticsExamples(t *testing.T) {
	t.Chdir("../..")
	all := examples(t, "docs/statistics.md")
	if len(all) < 6 {
		t.Fatalf("found %d examples", len(all))
	}
	for _, e := range all {
		var out, errs bytes.Buffer
		Run(context.Background(), strings.Fields(e.command), strings.NewReader(""), &out, &errs, emptyFolder(t))
		lines := strings.Split(out.String(), "\n")
		for _, want := range e.want {
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.TrimRight(l, " ") == want }) {
				t.Errorf("scalelaw %s\nhas no line %q:\n%s%s", e.command, want, out.String(), errs.String())
			}
		}
		if len(e.want) == 0 {
			t.Errorf("scalelaw %s: no output is told", e.command)
		}
	}
}
