package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A report is written in both forms from a real database; what it says is what the fit says.
func TestReport(t *testing.T) {
	w := newWorld(t)
	html, pdf := filepath.Join(t.TempDir(), "q.html"), filepath.Join(t.TempDir(), "q.pdf")
	has(t, "files", succeeds(t, w.getenv, "report", "quickstart", "--out", html, "--out", pdf).out, html, pdf)
	text, err := os.ReadFile(html)
	must(t, err)
	has(t, "report", string(text), longError[:13], "14 succeeded", "1 failed", "1 diverged", w.runs[0].ID, "Make it again")
	content, err := os.ReadFile(pdf)
	must(t, err)
	if !strings.HasPrefix(string(content), "%PDF-") {
		t.Error("no PDF")
	}
	fails(t, w.getenv, exitBadInput, []string{"--out is needed"}, "report", "quickstart")
	fails(t, w.getenv, exitBadInput, []string{`--out is "q.doc"`}, "report", "quickstart", "--out", "q.doc")
	fails(t, w.getenv, exitBadInput, []string{"nothing"}, "report", "nothing", "--out", html)
}
