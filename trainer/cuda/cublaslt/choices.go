package cublaslt

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"sync"

	"github.com/scalelaw/scalelaw/trainer/cuda/cachefile"
)

// Choices are the algorithms that were measured, by device, library and shape. Handles and
// processes share them through a folder: with the same file, a run has the same bits.
type Choices struct {
	folder string
	warn   func(string)
	lock   sync.Mutex
	files  map[string]map[string]algorithm // by file and shape
}

// NewChoices reads and keeps choices in a folder ("": in memory alone). warn hears of files that
// are damaged or cannot be written; nil: nobody does.
func NewChoices(folder string, warn func(string)) *Choices {
	if warn == nil {
		warn = func(string) {}
	}
	return &Choices{folder: folder, warn: warn, files: map[string]map[string]algorithm{}}
}

// file names the file of a handle's device and libraries: all that must be the same.
func (h *Handle) file() string {
	i := h.device.Info()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d.%d %d SMs driver %v cublasLt %d", i.Name, i.Major, i.Minor, i.SMs, i.Driver, h.lib.version))
	return hex.EncodeToString(sum[:16]) + ".json"
}

func (k key) String() string { return fmt.Sprintf("%v aligned %d/%d/%d", k.product, k.a, k.b, k.d) }

func (c *Choices) find(h *Handle, k key) (algorithm, bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	a, ok := c.of(h)[k.String()]
	return a, ok
}

func (c *Choices) drop(h *Handle, k key) {
	c.lock.Lock()
	defer c.lock.Unlock()
	delete(c.of(h), k.String())
	if c.folder != "" {
		c.write(h.file(), c.of(h))
	}
	c.warn(fmt.Sprintf("cublasLt no longer takes what was measured for %v: it is measured anew", k))
}

// keep notes a choice, unless another handle or process was first, and gives the one that counts.
func (c *Choices) keep(h *Handle, k key, a algorithm) algorithm {
	c.lock.Lock()
	defer c.lock.Unlock()
	chosen := c.of(h)
	if c.folder != "" {
		maps.Copy(chosen, c.read(h.file()))
	}
	if first, ok := chosen[k.String()]; ok {
		return first
	}
	chosen[k.String()] = a
	if c.folder != "" {
		c.write(h.file(), chosen)
	}
	return a
}

// of gives the choices of a handle's file, read once.
func (c *Choices) of(h *Handle) map[string]algorithm {
	name := h.file()
	if c.files[name] == nil {
		c.files[name] = map[string]algorithm{}
		if c.folder != "" {
			c.files[name] = c.read(name)
		}
	}
	return c.files[name]
}

// read gives no choices where there is no file, or a damaged one.
func (c *Choices) read(name string) map[string]algorithm {
	chosen := map[string]algorithm{}
	path := filepath.Join(c.folder, name)
	b, err := cachefile.Read(path)
	if err == nil {
		err = json.Unmarshal(b, &chosen)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.warn(fmt.Sprintf("measured algorithms: %s: %v; they are measured anew", path, err))
	}
	return chosen
}

// write stores choices. Where it cannot, the next start measures again, no more.
func (c *Choices) write(name string, chosen map[string]algorithm) {
	b, err := json.MarshalIndent(chosen, "", " ")
	if err == nil {
		err = cachefile.Write(filepath.Join(c.folder, name), b)
	}
	if err != nil {
		c.warn(fmt.Sprintf("measured algorithms: %v; the next start measures again", err))
	}
}
