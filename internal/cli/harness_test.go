package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scalelaw/scalelaw/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var update = flag.Bool("update", false, "write the golden files anew")

// outcome is what one invocation of the program came to.
type outcome struct {
	code     int
	out, err string
}

// environ is an environment for a test: an empty data folder and what pairs add.
func environ(t testing.TB, pairs ...string) func(string) string {
	t.Helper()
	values := map[string]string{"SCALELAW_DATA_DIR": t.TempDir()}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

// invoke runs the small program in this process.
func invoke(getenv func(string) string, stdin string, args ...string) outcome {
	var out, errs bytes.Buffer
	code := Run(context.Background(), args, strings.NewReader(stdin), &out, &errs, getenv)
	return outcome{code, out.String(), errs.String()}
}

// succeeds runs the program and wants exit code 0.
func succeeds(t testing.TB, getenv func(string) string, args ...string) outcome {
	t.Helper()
	o := invoke(getenv, "", args...)
	if o.code != exitDone {
		t.Fatalf("scalelaw %s: exit code %d\n%s", strings.Join(args, " "), o.code, o.err)
	}
	return o
}

// fails runs the program and wants an exit code and, on stderr, every one of words.
func fails(t testing.TB, getenv func(string) string, code int, words []string, args ...string) outcome {
	t.Helper()
	o := invoke(getenv, "", args...)
	if o.code != code {
		t.Errorf("scalelaw %s: exit code %d, want %d\n%s", strings.Join(args, " "), o.code, code, o.err)
	}
	has(t, "stderr of scalelaw "+strings.Join(args, " "), o.err, words...)
	return o
}

// has wants every one of words in text.
func has(t testing.TB, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s has no %q:\n%s", what, w, text)
		}
	}
}

// decode reads JSON and refuses what stands behind it.
func decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// golden compares text with a file; -update writes it.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; `go test ./internal/cli -update` writes it", err)
	}
	equal(t, name, text, string(want))
}

// file writes a file for a test and gives its path.
func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
