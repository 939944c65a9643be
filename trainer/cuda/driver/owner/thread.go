//go:build linux

package owner

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// thread is a goroutine on an operating system thread that nothing else runs on.
type thread struct {
	id   int // of the operating system's thread
	jobs chan job
	stop chan struct{} // closed when the thread is to end
	gone chan struct{} // closed when it has
}

type job struct {
	f    func() error
	done chan outcome
}

type outcome struct {
	err   error
	panic any // the caller panics with it
}

func newThread() *thread {
	t := &thread{jobs: make(chan job), stop: make(chan struct{}), gone: make(chan struct{})}
	started := make(chan struct{})
	go t.run(started)
	<-started
	return t
}

// run never unlocks the thread, so that it ends, and what the driver keeps of it, with the goroutine.
func (t *thread) run(started chan<- struct{}) {
	runtime.LockOSThread()
	defer close(t.gone)
	t.id = unix.Gettid()
	close(started)
	for {
		select {
		case j := <-t.jobs:
			perform(j)
		case <-t.stop:
			return
		}
	}
}

// perform answers whatever f does: a runtime.Goexit in it ends the thread.
func perform(j job) {
	result := outcome{err: driver.Errorf(driver.Bug, "the device's thread was ended from within")}
	defer func() { j.done <- result }()
	result = guarded(j.f)
}

func guarded(f func() error) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o.panic = fmt.Sprintf("%v\n\non the device's thread:\n%s", p, debug.Stack())
		}
	}()
	return outcome{err: f()}
}

// do runs f on the thread, directly where the caller is on it. No other goroutine ever is.
func (t *thread) do(f func() error) error {
	if unix.Gettid() == t.id {
		return f()
	}
	j := job{f, make(chan outcome, 1)}
	select {
	case t.jobs <- j:
	case <-t.gone:
		return errClosed()
	}
	result := <-j.done
	if result.panic != nil {
		panic(result.panic)
	}
	return result.err
}

// end lets the thread end, and waits for it.
func (t *thread) end() {
	close(t.stop)
	<-t.gone
}

func errClosed() error { return driver.Errorf(driver.Bug, "the device is closed") }
