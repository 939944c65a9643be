package pgembed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func need(t *testing.T) string {
	t.Helper()
	bin, err := FindBinaries("")
	if err != nil && os.Getenv("REQUIRE_POSTGRES") != "1" {
		t.Skipf("no Postgres on this machine (REQUIRE_POSTGRES=1 makes this a failure): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// folder may be entered by the server's user, unlike t.TempDir.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgembed-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "postgres")
}

func start(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Start(context.Background(), Options{Dir: dir, Databases: []string{"one", "two"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Stop(context.Background()) })
	return c
}

func runSQL(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestStartStopStart(t *testing.T) {
	need(t)
	dir := folder(t)
	c := start(t, dir)
	runSQL(t, c.URL("one"), "create table kept (n int); insert into kept values (1)")
	runSQL(t, c.URL("two"), "select 1")
	if err := c.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := c.ping(context.Background()); err == nil {
		t.Error("a stopped server answers")
	}
	runSQL(t, start(t, dir).URL("one"), "select 1/n from kept")
}

func TestKilledServerIsRestarted(t *testing.T) {
	need(t)
	dir := folder(t)
	c := start(t, dir)
	runSQL(t, c.URL("one"), "create table kept (n int); insert into kept values (1)")
	for range 2 {
		pid, ok := orphan(dir)
		if !ok {
			t.Fatal("postmaster.pid names no server")
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			now, ok := orphan(dir)
			if ok && now != pid && c.ping(context.Background()) == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatal("the killed server did not come back")
			}
		}
	}
	runSQL(t, c.URL("one"), "select 1/n from kept")
}

// A server that a killed program left behind is stopped before ours takes the folder.
func TestOrphanIsStopped(t *testing.T) {
	need(t)
	dir := folder(t)
	left := start(t, dir)
	old, _ := orphan(dir)
	left.mu.Lock()
	left.stopping = true // its supervisor must not restart it, as that of a killed program cannot
	left.mu.Unlock()
	c := start(t, dir)
	if now, ok := orphan(dir); !ok || now == old {
		t.Errorf("the server is %d, the one left behind was %d", now, old)
	}
	runSQL(t, c.URL("one"), "select 1")
}

func TestFoldersThatAreRefused(t *testing.T) {
	need(t)
	other := folder(t)
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "PG_VERSION"), []byte("12\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	foreign := folder(t)
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{other: "made by Postgres 12", foreign: "thesis.tex"} {
		if _, err := Start(context.Background(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := os.Stat(filepath.Join(foreign, "thesis.tex")); err != nil {
		t.Error("a file of the user's is gone")
	}
	if os.Geteuid() == 0 {
		closed := t.TempDir()
		if err := os.Chmod(closed, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := Start(context.Background(), Options{Dir: filepath.Join(closed, "postgres")}); err == nil || !strings.Contains(err.Error(), "may not enter") {
			t.Errorf("a folder that the server's user may not enter: %v", err)
		}
	}
	long := filepath.Join("/tmp", strings.Repeat("x", 120))
	if _, err := Start(context.Background(), Options{Dir: folder(t), SocketDir: long}); err == nil || !strings.Contains(err.Error(), "room for") {
		t.Errorf("a long socket path: %v", err)
	}
	if _, err := FindBinaries("/nowhere"); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("binaries that are not there: %v", err)
	}
}
