package pgembed

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Stop with a context that ended already leaves no server, and nothing is lost.
func TestStopInAHurry(t *testing.T) {
	need(t)
	dir := folder(t)
	c := start(t, dir)
	runSQL(t, c.URL("one"), "create table kept (n int); insert into kept values (1)")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 2 {
		if err := c.Stop(ctx); err != nil {
			t.Errorf("stop in a hurry: %v", err)
		}
	}
	if _, ok := orphan(dir); ok {
		t.Error("a server is left")
	}
	runSQL(t, start(t, dir).URL("one"), "select 1/n from kept")
}

// The number in a stale postmaster.pid may belong to anyone: a program of the server's own
// user, or one that has the folder's name on its command line. It is left alone, and ours starts.
func TestStalePidFileOfAnotherProgram(t *testing.T) {
	need(t)
	dir := folder(t)
	c := start(t, dir)
	if err := c.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	other := c.owner.command("/bin/sh", "-c", "sleep 100", "-D", dir)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- other.Wait() }()
	defer func() { syscall.Kill(-other.Process.Pid, syscall.SIGKILL) }()
	pidFile := filepath.Join(dir, "postmaster.pid")
	text := fmt.Appendf(nil, "%d\n%s\n1\n5432\n/tmp\n\n  1 1\nready   \n", other.Process.Pid, dir)
	if err := os.WriteFile(pidFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(pidFile, c.owner.uid, c.owner.gid); err != nil {
		t.Fatal(err)
	}
	runSQL(t, start(t, dir).URL("one"), "select 1")
	select {
	case err := <-ended:
		t.Errorf("a program that is no server was ended: %v", err)
	default:
	}
}

// Backends that compute notice late that their server was killed; the restart waits for them.
func TestRestartWaitsForBusyBackends(t *testing.T) {
	need(t)
	dir := folder(t)
	c := start(t, dir)
	conn, err := pgx.Connect(context.Background(), c.URL("one"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	busy := make(chan struct{})
	go func() {
		close(busy)
		conn.Exec(context.Background(), "do $$ declare t timestamptz = clock_timestamp(); begin while clock_timestamp() < t + interval '4 s' loop end loop; end $$")
	}()
	<-busy
	time.Sleep(200 * time.Millisecond)
	pid, ok := orphan(dir)
	if !ok {
		t.Fatal("postmaster.pid names no server")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(60 * time.Second); c.ping(context.Background()) != nil; time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-c.Failed():
			t.Fatalf("given up: %v", err)
		default:
		}
		if time.Now().After(end) {
			t.Fatal("the killed server did not come back")
		}
	}
}

// A folder opens with the version that made it, where that is installed beside a newer one.
func TestVersionOfTheFolderIsPreferred(t *testing.T) {
	need(t)
	dir := folder(t)
	if err := start(t, dir).Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	newer := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(newer, name), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", newer+":"+os.Getenv("PATH"))
	if bin, err := FindBinaries(""); err != nil || bin != newer {
		t.Fatalf("the newest is %s (%v), not %s", bin, err, newer)
	}
	start(t, dir)
}

func TestErrorQuotesTheServer(t *testing.T) {
	need(t)
	_, err := Start(context.Background(), Options{Dir: folder(t), Settings: map[string]string{"shared_buffers": "lots"}})
	if err == nil || !strings.Contains(err.Error(), "shared_buffers") {
		t.Errorf("the error does not name what is wrong: %v", err)
	}
	full := &tail{to: &strings.Builder{}}
	fmt.Fprintln(full, strings.Repeat("x", 3*tailBytes))
	fmt.Fprintln(full, "could not write to file: No space left on device")
	if text := full.explain(); !strings.Contains(text, "free some space") || len(text) > 2*tailBytes {
		t.Errorf("a full disk: %s", text)
	}
}

// The server goes when the program that started it is killed: this test runs itself as that
// program.
func TestServerDiesWithItsProgram(t *testing.T) {
	need(t)
	if dir := os.Getenv("PGEMBED_TEST_DIR"); dir != "" {
		start(t, dir)
		fmt.Println("started")
		time.Sleep(time.Minute)
		return
	}
	dir := folder(t)
	program := exec.Command(os.Args[0], "-test.run=^TestServerDiesWithItsProgram$")
	program.Env = append(os.Environ(), "PGEMBED_TEST_DIR="+dir)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 8)); err != nil {
		t.Fatalf("the program did not start its server: %v", err)
	}
	if _, ok := orphan(dir); !ok {
		t.Error("postmaster.pid names no server")
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	program.Wait()
	runSQL(t, start(t, dir).URL("one"), "select 1") // at once, while the other still shuts down
}

func TestWordsOfPs(t *testing.T) {
	got := psWords("/opt/homebrew/bin/postgres -D /Users/a b/data/postgres -c listen_addresses= -c port=1\n")
	if want := []string{"/opt/homebrew/bin/postgres", "-D", "/Users/a b/data/postgres"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := psWords("vim notes -c x"); isServer(got) {
		t.Errorf("%q is taken for a server", got)
	}
}
