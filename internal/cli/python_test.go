package cli

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// The example reads coefficients into pandas, with every digit.
func TestPythonExample(t *testing.T) {
	python := pandas(t)
	w := newWorld(t)
	fit := decode[fitView](t, succeeds(t, w.getenv, "fit", "new", "quickstart", "--rule", "pareto", "--bootstrap", "200", "-o", "json").out)
	server := httptest.NewServer(pagesOf(t, w))
	defer server.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, python, "../../examples/python/coefficients.py", server.URL, "quickstart").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	has(t, "the table", string(out), "icons-test/top1_error", fit.Fit, strconv.FormatFloat(fit.Coefficients[0].Value, 'g', 3, 64))
}

// pandas is a Python that has it: of PYTHON, of the folder that `make pandas` fills, or of the
// machine.
func pandas(t *testing.T) string {
	t.Helper()
	installed, err := filepath.Abs("../../.peers/pandas/bin/python")
	must(t, err)
	for _, python := range []string{os.Getenv("PYTHON"), installed, "python3"} {
		if python != "" && exec.Command(python, "-c", "import pandas").Run() == nil {
			return python
		}
	}
	if os.Getenv("REQUIRE_PANDAS") == "1" {
		t.Fatal("no Python with pandas: `make pandas` installs it")
	}
	t.Skip("no Python with pandas; `make pandas` installs it (REQUIRE_PANDAS=1 makes this a failure)")
	return ""
}
