// Package cachefile keeps what can be computed again: files that may be lost, but are never
// wrong. They appear whole, so that processes may share a folder, and damage is noticed.
package cachefile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Read gives what Write stored. A file that is not there is fs.ErrNotExist.
func Read(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < sha256.Size {
		return nil, fmt.Errorf("%s is cut short", path)
	}
	sum, content := b[:sha256.Size], b[sha256.Size:]
	if got := sha256.Sum256(content); !bytes.Equal(sum, got[:]) {
		return nil, fmt.Errorf("%s is damaged", path)
	}
	return content, nil
}

// Write stores content after its SHA-256, in a folder that is made where it is missing.
func Write(path string, content []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(folder, "new-*")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	_, err = temporary.Write(append(sum[:], content...))
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
