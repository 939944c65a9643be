package datadir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrVersion means that the folder was made by versions that do not go with this program's.
var ErrVersion = errors.New("the data folder does not go with this version")

// Versions are those of the servers that last ran on a folder.
type Versions struct {
	Postgres string `json:"postgres"` // 15.18
	Temporal string `json:"temporal"` // 1.32.1
}

// CheckVersions compares what last ran on the folder with what is about to: the same Postgres
// major, the same Temporal minor or the next. Anything else is refused with the way out.
func CheckVersions(dir string, now Versions) error {
	text, err := os.ReadFile(filepath.Join(dir, versionsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var was Versions
	if err == nil {
		err = json.Unmarshal(text, &was)
	}
	if err != nil {
		return fmt.Errorf("read the versions of the data folder: %w", err)
	}
	if part(was.Postgres, 0) != part(now.Postgres, 0) {
		return fmt.Errorf("%w: %s was made by Postgres %s, this is Postgres %s: install Postgres %d, or choose another --data-dir", ErrVersion, dir, was.Postgres, now.Postgres, part(was.Postgres, 0))
	}
	if step := part(now.Temporal, 1) - part(was.Temporal, 1); part(now.Temporal, 0) != part(was.Temporal, 0) || step < 0 || step > 1 {
		return fmt.Errorf("%w: %s was last used by Temporal %s, this is Temporal %s, which takes folders of its own minor version and of the one before: use a scalelaw between the two first, or choose another --data-dir", ErrVersion, dir, was.Temporal, now.Temporal)
	}
	return nil
}

// WriteVersions records what runs now.
func WriteVersions(dir string, now Versions) error {
	return writeJSON(filepath.Join(dir, versionsFile), now)
}

// part is the i-th number of a version; -1 when there is none.
func part(version string, i int) int {
	parts := strings.Split(version, ".")
	if i >= len(parts) {
		return -1
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return -1
	}
	return n
}
