package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

func put(t *testing.T, f *Files, text string) sweep.Artifact {
	t.Helper()
	a, err := f.Put(context.Background(), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func open(t *testing.T) *Files {
	t.Helper()
	f, err := NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func read(f *Files, a sweep.Artifact) (string, error) {
	r, err := f.Get(context.Background(), a)
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}

func temporaries(t *testing.T, f *Files) int {
	t.Helper()
	left, err := os.ReadDir(filepath.Join(f.root, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	return len(left)
}

func TestPutGetDelete(t *testing.T) {
	f := open(t)
	a := put(t, f, "weights")
	if b := put(t, f, "weights"); a != b || a.Bytes != 7 {
		t.Errorf("%+v and %+v", a, b)
	}
	if text, err := read(f, a); text != "weights" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if n, err := f.Stat(context.Background(), a); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for range 2 {
		if err := f.Delete(context.Background(), a); err != nil {
			t.Error(err)
		}
	}
	if _, err := read(f, a); !errors.Is(err, sweep.ErrDataMissing) {
		t.Errorf("deleted: %v", err)
	}
}

func TestDamageIsSeen(t *testing.T) {
	f := open(t)
	a := put(t, f, "weights")
	path, _ := f.path(a.SHA256)
	for _, damaged := range []string{"weightz", "weight", "weights and more"} {
		if err := os.WriteFile(path, []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		if text, err := read(f, a); !errors.Is(err, sweep.ErrDataMissing) {
			t.Errorf("%q was read as %q, %v", damaged, text, err)
		}
	}
	if _, err := f.Stat(context.Background(), sweep.Artifact{SHA256: "../../etc/passwd"}); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a path as a hash: %v", err)
	}
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	f := open(t)
	for _, cause := range []error{errors.New("broken"), syscall.ENOSPC} {
		_, err := f.Put(context.Background(), func(w io.Writer) error {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return err
			}
			return cause
		})
		if !errors.Is(err, cause) || errors.Is(err, sweep.ErrNoSpace) != (cause == syscall.ENOSPC) {
			t.Errorf("%v gave %v", cause, err)
		}
	}
	if n := temporaries(t, f); n != 0 {
		t.Errorf("%d temporary files are left", n)
	}
}

// A really full disk: a file system of 64 KiB in memory.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("mounting a small file system takes root on Linux; the error itself is tested with an injected writer")
	}
	dir := t.TempDir()
	if err := mountSmall(dir); err != nil {
		t.Skipf("this machine does not let root mount a tmpfs: %v", err)
	}
	t.Cleanup(func() { unmount(dir) })
	f, err := NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	small := put(t, f, "fits")
	_, err = f.Put(context.Background(), func(w io.Writer) error { _, err := w.Write(make([]byte, 1<<20)); return err })
	if !errors.Is(err, sweep.ErrNoSpace) {
		t.Errorf("a full disk gave %v", err)
	}
	if text, err := read(f, small); text != "fits" || err != nil || temporaries(t, f) != 0 {
		t.Errorf("after a full disk: %q, %v, %d temporary files", text, err, temporaries(t, f))
	}
}

func TestAbandonedFilesAreSwept(t *testing.T) {
	f := open(t)
	old, young := filepath.Join(f.root, "tmp", "put-old"), filepath.Join(f.root, "tmp", "put-young")
	for _, p := range []string{old, young} {
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFiles(f.root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("an abandoned file is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("a file that is being written was removed")
	}
}

func TestManyWritersAtOnce(t *testing.T) {
	f := open(t)
	var wait sync.WaitGroup
	for i := range 40 {
		wait.Go(func() {
			text := fmt.Sprint("content ", i%5)
			a, err := f.Put(context.Background(), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := read(f, a); got != text || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	wait.Wait()
}
