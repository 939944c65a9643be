package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/internal/config"
)

// The README's commands that need no servers are run, from the project's root.
func TestReadmeCommands(t *testing.T) {
	t.Chdir("../..")
	ran := 0
	for _, line := range shellLines(t) {
		args, ok := strings.CutPrefix(line, "scalelaw ")
		if !ok {
			continue
		}
		ran++
		var out, errs bytes.Buffer
		code := Run(context.Background(), strings.Fields(args), strings.NewReader(""), &out, &errs, emptyFolder(t))
		if code != 0 || out.Len() == 0 {
			t.Errorf("%s: exit code %d\n%s", line, code, errs.String())
		}
	}
	if ran < 5 {
		t.Fatalf("found %d commands to run in the README", ran)
	}
}

// shellLines are the lines of the README's sh blocks.
func shellLines(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			inside = line == "```sh"
		} else if inside {
			lines = append(lines, line)
		}
	}
	return lines
}

// emptyFolder is an environment with an empty data folder and nothing else.
func emptyFolder(t *testing.T) func(string) string {
	dir := t.TempDir()
	return func(name string) string {
		if name == "SCALELAW_DATA_DIR" {
			return dir
		}
		return ""
	}
}

func TestReadmeListsEveryVariable(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range config.Variables() {
		if row := fmt.Sprintf("| `%s` | %s |", v.Name, v.Meaning); !strings.Contains(string(text), row) {
			t.Errorf("the README's table has no row %s", row)
		}
	}
}
