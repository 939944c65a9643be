package datadir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Lock is the ownership of a data folder. The kernel lets it go when the process ends, however
// it ends.
type Lock struct{ file *os.File }

// holder is who has the lock, for the message to others.
type holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// Acquire takes the folder for this process. When another has it the error wraps ErrHeld and
// names it.
func Acquire(dir, command string) (*Lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := lockSoon(file); err != nil {
		defer file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, held(dir, file)
		}
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	}
	text, err := json.Marshal(holder{PID: os.Getpid(), Command: command, Since: time.Now()})
	if err == nil {
		err = errors.Join(file.Truncate(0), writeAt(file, text))
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	}
	return &Lock{file}, nil
}

// lockSoon takes the lock, past the moments for which isFree holds it to look.
func lockSoon(file *os.File) error {
	for end := time.Now().Add(200 * time.Millisecond); ; time.Sleep(5 * time.Millisecond) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(end) {
			return err
		}
	}
}

func writeAt(file *os.File, text []byte) error {
	_, err := file.WriteAt(text, 0)
	return err
}

func held(dir string, file *os.File) error {
	var h holder
	if err := json.NewDecoder(file).Decode(&h); err != nil {
		return fmt.Errorf("%w: %s is held by another scalelaw", ErrHeld, dir)
	}
	return fmt.Errorf("%w: %s is held by `scalelaw %s` (pid %d) since %s", ErrHeld, dir, strings.TrimSpace(h.Command), h.PID, h.Since.Format(time.DateTime))
}

// Release lets the folder go.
func (l *Lock) Release() error { return l.file.Close() }

// isFree reports whether nobody owns the folder.
func isFree(dir string) (bool, error) {
	file, err := os.Open(filepath.Join(dir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close() // and with it the lock
	err = unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
