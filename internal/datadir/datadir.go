// Package datadir is the folder in which the embedded servers keep everything: who owns it now,
// where its servers listen, and by which versions it was made.
package datadir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrHeld means that another process owns the folder.
var ErrHeld = errors.New("the data folder is in use")

// Names within the folder.
const (
	lockFile      = "lock"
	addressesFile = "addresses.json"
	versionsFile  = "versions.json"
)

// Default is the data folder when none is named: under $XDG_DATA_HOME, else ~/.local/share; for
// root /var/lib/scalelaw, because Postgres then runs as another user, who cannot enter root's home.
func Default(getenv func(string) string) (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/scalelaw", nil
	}
	if base := getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "scalelaw"), nil
	}
	home := getenv("HOME")
	if home == "" {
		return "", errors.New("neither HOME nor XDG_DATA_HOME is set: name a data folder with --data-dir or SCALELAW_DATA_DIR")
	}
	return filepath.Join(home, ".local", "share", "scalelaw"), nil
}

// Prepare makes the folder, if it is not there, and checks that it can be written to.
func Prepare(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder %s: %w", dir, err)
	}
	if err := os.MkdirAll(absolute, 0o755); err != nil {
		return "", fmt.Errorf("make the data folder: %w: choose another with --data-dir", err)
	}
	for _, sub := range []string{"log", "artifacts", "cache"} {
		if err := os.Mkdir(filepath.Join(absolute, sub), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("write to the data folder: %w: choose another with --data-dir", err)
		}
	}
	return absolute, nil
}

// Addresses say where the servers of a data folder listen.
type Addresses struct {
	PID               int       `json:"pid"`
	Command           string    `json:"command"` // up, run
	Started           time.Time `json:"started"`
	Version           string    `json:"version"`
	DatabaseURL       string    `json:"database_url"`
	TemporalAddress   string    `json:"temporal_address"`
	TemporalNamespace string    `json:"temporal_namespace"`
	TemporalUI        string    `json:"temporal_ui"` // empty: none
	Web               string    `json:"web"`         // address of the pages; empty: none
	PostgresBin       string    `json:"postgres_bin"`
}

// Write leaves the addresses in the folder, for other processes to find.
func (a Addresses) Write(dir string) error { return writeJSON(filepath.Join(dir, addressesFile), a) }

// Remove takes them away.
func Remove(dir string) error {
	err := os.Remove(filepath.Join(dir, addressesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Read gives the addresses of the servers that run on a folder; fs.ErrNotExist when none do,
// also where a killed process left its addresses behind.
func Read(dir string) (Addresses, error) {
	var a Addresses
	if free, err := isFree(dir); err != nil || free {
		return a, errors.Join(fmt.Errorf("no servers run on %s: %w", dir, fs.ErrNotExist), err)
	}
	text, err := os.ReadFile(filepath.Join(dir, addressesFile))
	if err != nil {
		return a, fmt.Errorf("read the addresses of the servers on %s: %w", dir, err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("read the addresses of the servers on %s: %w", dir, err)
	}
	return a, nil
}

// writeJSON replaces a file by a rename, so that a reader never sees half of it.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
