package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/internal/datadir"
	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/internal/servers"
)

// TestMain is also a process that runs the servers until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EMBEDDED_TEST_RUN"); dir != "" {
		if _, err := Start(context.Background(), options(dir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		time.Sleep(5 * time.Minute)
	}
	os.Exit(m.Run())
}

func options(dir string) servers.Options {
	return servers.Options{DataDir: dir, Command: "up", UIPort: servers.NoUI}
}

func need(t testing.TB) {
	t.Helper()
	if _, err := pgembed.FindBinaries(""); err != nil && os.Getenv("REQUIRE_POSTGRES") != "1" {
		t.Skipf("no Postgres on this machine (REQUIRE_POSTGRES=1 makes this a failure): %v", err)
	}
}

// folder may be entered by Postgres' user, unlike t.TempDir.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "embedded-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func start(t testing.TB, o servers.Options) *servers.Running {
	t.Helper()
	r, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func dial(t testing.TB, a datadir.Addresses) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: a.TemporalAddress, Namespace: a.TemporalNamespace, Logger: quiet{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func greet(ctx workflow.Context, name string) (string, error) {
	return "hello " + name, workflow.Sleep(ctx, 10*time.Millisecond)
}

func runGreeting(t testing.TB, c client.Client, id string) {
	t.Helper()
	w := worker.New(c, "test", worker.Options{})
	w.RegisterWorkflow(greet)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: "test"}, greet, "you")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := run.Get(ctx, &got); err != nil || got != "hello you" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestAWorkflowRunsAndASecondStartIsRefused(t *testing.T) {
	need(t)
	o := options(folder(t))
	o.UIPort = 0
	r := start(t, o)
	runGreeting(t, dial(t, r.Addresses), "greeting")
	if _, err := Start(context.Background(), o); !errors.Is(err, datadir.ErrHeld) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second start: %v", err)
	}
	if a, err := datadir.Read(o.DataDir); err != nil || a.TemporalAddress != r.Addresses.TemporalAddress || a.TemporalUI == "" {
		t.Errorf("addresses %+v, %v", a, err)
	}
}

// What a killed process did is there for the next one.
func TestKilledServersComeBack(t *testing.T) {
	need(t)
	dir := folder(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "EMBEDDED_TEST_RUN="+dir)
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	var a datadir.Addresses
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var err error
		if a, err = datadir.Read(dir); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	runGreeting(t, dial(t, a), "before")
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait()
	r := start(t, options(dir))
	c := dial(t, r.Addresses)
	d, err := c.DescribeWorkflowExecution(context.Background(), "before", "")
	if err != nil || d.WorkflowExecutionInfo.Status.String() != "Completed" {
		t.Errorf("%v, %v", d, err)
	}
	runGreeting(t, c, "after")
}

func TestPortInUseIsNamed(t *testing.T) {
	need(t)
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := options(folder(t))
	o.UIPort, o.UIPortFixed = l.Addr().(*net.TCPAddr).Port, true
	if _, err := Start(context.Background(), o); err == nil || !strings.Contains(err.Error(), "--ui-port") || !strings.Contains(err.Error(), fmt.Sprint(o.UIPort)) {
		t.Errorf("a port in use: %v", err)
	}
	o.UIPortFixed = false
	if r := start(t, o); strings.HasSuffix(r.Addresses.TemporalUI, fmt.Sprint(o.UIPort)) {
		t.Errorf("the UI is at %s, a port in use", r.Addresses.TemporalUI)
	}
}

func BenchmarkStart(b *testing.B) {
	need(b)
	for b.Loop() {
		dir := folder(b)
		r, err := Start(context.Background(), options(dir))
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Stop(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
