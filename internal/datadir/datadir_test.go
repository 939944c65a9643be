package datadir

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain is also a process that holds a folder until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DATADIR_TEST_HOLD"); dir != "" {
		if _, err := Acquire(dir, "up"); err == nil {
			err = Addresses{PID: os.Getpid(), TemporalAddress: "127.0.0.1:1"}.Write(dir)
			if err == nil {
				time.Sleep(time.Minute)
			}
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestOneOwnerUntilItIsKilled(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no servers: %v", err)
	}
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), "DATADIR_TEST_HOLD="+dir)
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer holder.Process.Kill()
	var a Addresses
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var err error
		if a, err = Read(dir); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	if a.PID != holder.Process.Pid {
		t.Errorf("addresses of %d, want %d", a.PID, holder.Process.Pid)
	}
	if _, err := Acquire(dir, "run"); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "scalelaw up") {
		t.Errorf("a held folder: %v", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	holder.Wait()
	if _, err := Read(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("addresses of a killed process: %v", err)
	}
	l, err := Acquire(dir, "run")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestVersions(t *testing.T) {
	dir := t.TempDir()
	if err := CheckVersions(dir, Versions{"15.2", "1.32.1"}); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if err := WriteVersions(dir, Versions{"15.2", "1.32.1"}); err != nil {
		t.Fatal(err)
	}
	for now, ok := range map[Versions]bool{
		{"15.2", "1.32.1"}: true, {"15.9", "1.33.0"}: true, {"16.1", "1.32.1"}: false, {"14.1", "1.32.1"}: false,
		{"15.2", "1.34.0"}: false, {"15.2", "1.31.0"}: false, {"15.2", "2.32.0"}: false,
	} {
		if err := CheckVersions(dir, now); (err == nil) != ok || err != nil && !errors.Is(err, ErrVersion) {
			t.Errorf("%+v: %v", now, err)
		}
	}
}

func TestPrepareNamesTheFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Prepare(filepath.Join(file, "data")); err == nil || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("a folder below a file: %v", err)
	}
	if dir, err := Prepare(filepath.Join(t.TempDir(), "a", "b")); err != nil || !filepath.IsAbs(dir) {
		t.Errorf("%s, %v", dir, err)
	}
}
