// Package e2e runs the real program, as processes that can be killed, on real Postgres and
// Temporal, and trains real (small) models.
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/internal/datadir"
	"github.com/scalelaw/scalelaw/internal/pgembed"
)

var program string // the built standalone program

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	if err := lookAtSources("../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "scalelaw-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "scalelaw")
	build := exec.Command("go", "build", "-o", program, "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// lookAtSources opens every folder of the project: go test sees what a test opens, and so does
// not serve a result of other sources from its cache. The program is built by a command, which
// it does not see.
func lookAtSources(root string) error {
	return filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin") {
			return filepath.SkipDir
		}
		return err
	})
}

// needPostgres skips where no Postgres can be had, unless REQUIRE_POSTGRES=1.
func needPostgres(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: these tests train models and kill processes for minutes")
	}
	if os.Getenv("REQUIRE_POSTGRES") == "1" {
		return
	}
	if _, err := pgembed.FindBinaries(""); err != nil {
		t.Skipf("no Postgres on this machine (REQUIRE_POSTGRES=1 makes this a failure): %v", err)
	}
}

// folder is an empty data folder that the server's user may enter.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "scalelaw-data-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// process is a running scalelaw.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err safeBuffer
	done     chan struct{}
}

// start runs scalelaw on a data folder.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program, args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "SCALELAW_DATA_DIR="+dir, "NO_COLOR=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait() // its outcome is read from ProcessState
		close(p.done)
	}()
	t.Cleanup(p.kill)
	return p
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// kill ends it the hard way and waits until it is gone.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// interrupt ends it the soft way.
func (p *process) interrupt(within time.Duration) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil && p.alive() {
		p.t.Fatal(err)
	}
	return p.wait(within)
}

// wait gives the exit code.
func (p *process) wait(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		p.t.Fatalf("%v is still running after %s\nstdout:\n%s\nstderr:\n%s", p.cmd.Args[1:], within, p.out.String(), tail(p.err.String()))
		return -1
	}
}

// must runs scalelaw to its end and expects an exit code.
func must(t *testing.T, dir string, code int, args ...string) string {
	t.Helper()
	p := start(t, dir, args...)
	if got := p.wait(8 * time.Minute); got != code {
		t.Fatalf("scalelaw %s: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), got, code, p.out.String(), tail(p.err.String()))
	}
	return p.out.String()
}

// up starts the servers and waits for their addresses.
func up(t *testing.T, dir string, args ...string) (*process, datadir.Addresses) {
	t.Helper()
	p := start(t, dir, append([]string{"up", "--ui-port", "0"}, args...)...)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if a, err := datadir.Read(dir); err == nil && a.PID == p.cmd.Process.Pid && a.TemporalAddress != "" {
			return p, a
		}
		if !p.alive() {
			break
		}
	}
	t.Fatalf("up did not come up\nstdout:\n%s\nstderr:\n%s", p.out.String(), tail(p.err.String()))
	return nil, datadir.Addresses{}
}

// rows reads a query whose columns are all text, while servers are up.
func rows(t *testing.T, a datadir.Addresses, query string, args ...any) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, a.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	found, err := conn.Query(ctx, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func tail(s string) string {
	if len(s) > 4000 {
		return "..." + s[len(s)-4000:]
	}
	return s
}

// safeBuffer is a buffer that is read while a process writes to it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
