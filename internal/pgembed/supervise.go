package pgembed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is one server process.
type child struct {
	pid     int
	exited  chan struct{}
	outcome error
}

// launch starts the server from a thread of its own that waits for it: the kernel ends the
// child when that thread is gone, so the thread has to live as long as we do.
func (c *Cluster) launch() (*child, error) {
	args := []string{"-D", c.options.Dir, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + c.socket, "-c", "unix_socket_permissions=0700"}
	settings := make([]string, 0, len(c.options.Settings))
	for name, value := range c.options.Settings {
		settings = append(settings, name+"="+value)
	}
	slices.Sort(settings)
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	ch := &child{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		cmd := c.owner.command(filepath.Join(c.bin, "postgres"), args...)
		cmd.Stdout, cmd.Stderr = c.log, c.log
		cmd.WaitDelay = 5 * time.Second // backends of a killed server may hold the log open
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		ch.pid = cmd.Process.Pid
		started <- nil
		ch.outcome = cmd.Wait()
		close(ch.exited)
	}()
	return ch, <-started
}

// More restarts within restartWindow are too many: something is wrong with the cluster. The
// pauses before them double up to lastPause, 25 seconds in all, because the backends of a
// killed server hold its memory until they notice.
const (
	restarts      = 11
	restartWindow = time.Minute
	firstPause    = 25 * time.Millisecond
	lastPause     = 5 * time.Second
)

// supervise starts the server again when it dies without having been asked to.
func (c *Cluster) supervise(ch *child) {
	defer close(c.stopped)
	var died []time.Time
	for {
		<-ch.exited
		next, again, err := c.restart(ch, &died)
		if err != nil {
			c.failed <- err
		}
		if !again {
			return
		}
		ch = next
	}
}

func (c *Cluster) restart(dead *child, died *[]time.Time) (*child, bool, error) {
	if c.isStopping() {
		return nil, false, nil
	}
	*died = append(slices.DeleteFunc(*died, func(t time.Time) bool { return time.Since(t) > restartWindow }), time.Now())
	if len(*died) > restarts || !c.hasAnswered() && !c.log.memoryInUse() {
		return nil, false, fmt.Errorf("the server in %s does not stay up (start %d within a minute): %w: %s", c.options.Dir, len(*died), reason(dead), c.log.explain())
	}
	time.Sleep(min(firstPause<<len(*died), lastPause))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return nil, false, nil
	}
	next, err := c.launch()
	if err != nil {
		return nil, false, fmt.Errorf("restart Postgres in %s: %w", c.options.Dir, err)
	}
	c.child = next
	return next, true, nil
}

func (c *Cluster) isStopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping
}

// hasAnswered tells whether the server ever came up: one that never did is badly configured,
// and starting it again does not help.
func (c *Cluster) hasAnswered() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answered
}

// reason is how a server ended.
func reason(dead *child) error {
	if dead.outcome != nil {
		return dead.outcome
	}
	return errors.New("exit status 0")
}

// Stop shuts the server down: fast, and at once when that takes longer than ctx or 20 seconds;
// a server that was stopped at once recovers at its next start. Stopping twice is no error.
func (c *Cluster) Stop(ctx context.Context) error {
	c.mu.Lock()
	c.stopping = true
	running := c.child
	c.mu.Unlock()
	select {
	case <-c.stopped:
		os.Remove(c.socket) // of a server that never came up
		return nil
	default:
	}
	hurry := ctx.Done()
	for _, ask := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		running.signal(ask.signal)
		select {
		case <-c.stopped:
			os.Remove(c.socket) // left when something else lies in it
			return nil
		case <-hurry:
			hurry = nil // the next way is quick, but needs its moment
		case <-time.After(ask.wait):
		}
	}
	return fmt.Errorf("stop Postgres (pid %d): it does not end", running.pid)
}

// signal reaches the server unless it ended: its number may be another's by then.
func (ch *child) signal(s syscall.Signal) {
	select {
	case <-ch.exited:
	default:
		signalPID(ch.pid, s)
	}
}

// signalPID sends a signal; that a process is gone already is no error.
func signalPID(pid int, s syscall.Signal) {
	if pid > 1 {
		syscall.Kill(pid, s)
	}
}

// stopOrphan ends the server of a program that was killed, so that ours can have the folder,
// and removes a postmaster.pid whose number another program has by now.
func stopOrphan(dir string) error {
	for _, ask := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 15 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}} {
		pid, ok := orphan(dir)
		if !ok {
			return removeStale(dir)
		}
		signalPID(pid, ask.signal)
		for end := time.Now().Add(ask.wait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if _, still := orphan(dir); !still {
				return nil
			}
		}
	}
	return errors.New("another Postgres runs on this folder and does not stop")
}

// named is the live process that postmaster.pid names, with its command line.
func named(dir string) (pid int, argv []string, ok bool) {
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return 0, nil, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(strings.SplitN(string(text), "\n", 2)[0]))
	if err != nil || pid <= 1 || syscall.Kill(pid, 0) != nil {
		return 0, nil, false
	}
	return pid, commandLine(pid), true
}

// orphan is the process that postmaster.pid names, when it is a server of this folder.
func orphan(dir string) (int, bool) {
	pid, argv, ok := named(dir)
	if !ok || !isServer(argv) {
		return 0, false
	}
	i := slices.Index(argv, "-D")
	return pid, i >= 0 && i+1 < len(argv) && argv[i+1] == dir
}

// removeStale removes a postmaster.pid that names a live process which is no Postgres (or one
// that ended and was not waited for): the server would believe it and refuse to start.
func removeStale(dir string) error {
	if _, argv, ok := named(dir); !ok || isServer(argv) {
		return nil // nobody, or a server that Postgres itself is to judge
	}
	return os.Remove(filepath.Join(dir, "postmaster.pid"))
}

func isServer(argv []string) bool {
	return len(argv) > 0 && slices.Contains([]string{"postgres", "postmaster"}, filepath.Base(argv[0]))
}

// commandLine is what a process was started with; empty for one that ended. It is read, not
// the working folder, because root in a container may not look at another user's.
func commandLine(pid int) []string {
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
	}
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil
	}
	return psWords(string(out))
}

// psWords splits a line of ps. Our servers have -D first and -c next, so that a folder with
// spaces in its name stays whole.
func psWords(line string) []string {
	program, rest, found := strings.Cut(strings.TrimSpace(line), " -D ")
	if !found {
		return strings.Fields(line)
	}
	dir, _, _ := strings.Cut(rest, " -c ")
	return []string{program, "-D", dir}
}
