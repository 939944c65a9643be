package pgembed

import (
	"io"
	"strings"
	"sync"
)

const tailBytes = 2048

// tail passes the server's log on and remembers its end for error messages.
type tail struct {
	mu   sync.Mutex
	to   io.Writer
	last []byte
}

// Write never fails: a log that cannot be written must not stop the server.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if extra := len(t.last) - tailBytes; extra > 0 {
		t.last = append(t.last[:0], t.last[extra:]...)
	}
	_, _ = t.to.Write(p)
	return len(p), nil
}

// memoryInUse tells whether a start failed because backends of a killed server still run.
func (t *tail) memoryInUse() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Contains(string(t.last), "pre-existing shared memory block")
}

// explain gives the last lines of the log, and the way out of troubles that it knows.
func (t *tail) explain() string {
	t.mu.Lock()
	text := string(t.last)
	t.mu.Unlock()
	hint := ""
	switch {
	case strings.Contains(text, "No space left on device"):
		hint = " (the disk is full: free some space and start again, nothing is lost)"
	case strings.Contains(text, "Permission denied"):
		hint = " (check who owns the data folder and its modes)"
	}
	return lastLines(text) + hint
}
