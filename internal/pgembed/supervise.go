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
		cmd.Stdout, cmd.Stderr = c.options.Log, c.options.Log
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

// restarts within restartWindow are too many: something is wrong with the cluster.
const (
	restarts      = 8
	restartWindow = time.Minute
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
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return nil, false, nil
	}
	*died = append(slices.DeleteFunc(*died, func(t time.Time) bool { return time.Since(t) > restartWindow }), time.Now())
	if len(*died) > restarts {
		return nil, false, fmt.Errorf("Postgres in %s died %d times within a minute (%w): look into its log", c.options.Dir, len(*died), errors.Join(dead.outcome, errEnded))
	}
	time.Sleep(time.Duration(len(*died)) * 50 * time.Millisecond) // shared memory of a killed server is let go of late
	next, err := c.launch()
	if err != nil {
		return nil, false, fmt.Errorf("restart Postgres in %s: %w", c.options.Dir, err)
	}
	c.child = next
	return next, true, nil
}

var errEnded = errors.New("the server ended")

// Stop shuts the server down: fast, and at once when that takes longer than ctx or 20 seconds.
func (c *Cluster) Stop(ctx context.Context) error {
	c.mu.Lock()
	c.stopping = true
	running := c.child
	c.mu.Unlock()
	for _, ask := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		signalPID(running.pid, ask.signal)
		select {
		case <-c.stopped:
			os.Remove(c.socket) // left when something else lies in it
			return nil
		case <-ctx.Done():
		case <-time.After(ask.wait):
		}
	}
	return fmt.Errorf("stop Postgres (pid %d): it does not end", running.pid)
}

// signalPID sends a signal; that a process is gone already is no error.
func signalPID(pid int, s syscall.Signal) {
	if pid > 1 {
		syscall.Kill(pid, s)
	}
}

// stopOrphan ends the server of a program that was killed, so that ours can have the folder.
func stopOrphan(dir string) error {
	for _, ask := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 15 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}} {
		pid, ok := orphan(dir)
		if !ok {
			return nil
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

// orphan is the process that postmaster.pid names, when it is alive and a server of this folder.
func orphan(dir string) (int, bool) {
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(text), "\n", 2)[0]))
	if err != nil || pid <= 1 || syscall.Kill(pid, 0) != nil {
		return 0, false
	}
	return pid, strings.Contains(commandLine(pid), dir)
}

// commandLine is what a process was started with.
func commandLine(pid int) string {
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return strings.ReplaceAll(string(text), "\x00", " ")
	}
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return string(out)
}
