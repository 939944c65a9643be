//go:build linux

package owner

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// fake is a Raw that notes the threads of its calls. Its other methods are not called.
type fake struct {
	Raw
	threads  map[int]int
	released int
	refuse   error // of Free
}

func (f *fake) note() { f.threads[unix.Gettid()]++ }

func (f *fake) Info() driver.Info { return driver.Info{Name: "fake"} }
func (f *fake) Settle() error     { f.note(); return nil }
func (f *fake) Release() error    { f.note(); f.released++; return nil }

func (f *fake) Allocate(int) (driver.Pointer, error) { f.note(); return 256, nil }
func (f *fake) Free(driver.Pointer) error            { f.note(); return f.refuse }

func openFake(t *testing.T) (*Device, *fake) {
	t.Helper()
	f := &fake{threads: map[int]int{}}
	d, err := Open(func() (Raw, error) { f.note(); return f, nil })
	if err != nil {
		t.Fatal(err)
	}
	return d, f
}

func TestAllCallsAreMadeOnOneThread(t *testing.T) {
	d, f := openFake(t)
	done := make(chan error)
	for range 8 {
		go func() { _, err := d.Allocate(1); done <- err }()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := d.Do(func() error { _, err := d.Allocate(1); return err }); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if len(f.threads) != 1 || f.released != 1 {
		t.Errorf("calls by thread: %v; released %d times", f.threads, f.released)
	}
}

func TestWhatIsRefusedStaysHeld(t *testing.T) {
	d, f := openFake(t)
	p, err := d.Allocate(1)
	if err != nil {
		t.Fatal(err)
	}
	f.refuse = errors.New("not now")
	if err := d.Free(p); !errors.Is(err, f.refuse) {
		t.Error(err)
	}
	f.refuse = nil
	if err := d.Free(p); err != nil {
		t.Error(err)
	}
	if err := d.Free(p); !driver.Is(err, driver.Bug) {
		t.Errorf("freed twice: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenThatFailsEndsItsThread(t *testing.T) {
	no := errors.New("no")
	if _, err := Open(func() (Raw, error) { return nil, no }); !errors.Is(err, no) {
		t.Error(err)
	}
}

func TestAThreadEndedFromWithinIsTold(t *testing.T) {
	d, _ := openFake(t)
	err := d.Do(func() error { runtime.Goexit(); return nil })
	if !driver.Is(err, driver.Bug) || !strings.Contains(err.Error(), "ended from within") {
		t.Error(err)
	}
	<-d.thread.gone
	if _, err := d.Allocate(1); !driver.Is(err, driver.Bug) {
		t.Errorf("after it: %v", err)
	}
	if err := d.Close(); !driver.Is(err, driver.Bug) {
		t.Errorf("Close, which could not free: %v", err)
	}
}

func TestAPanicReachesTheCallerWithItsStack(t *testing.T) {
	d, _ := openFake(t)
	defer d.Close()
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "oops") || !strings.Contains(p, "owner_test.go") {
			t.Errorf("panic %q", p)
		}
	}()
	_ = d.Do(func() error { panic("oops") })
}
