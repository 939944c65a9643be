package nvrtc

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/scalelaw/scalelaw/trainer/cuda/cachefile"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// Cache keeps cubins in a folder, each under the hash of all that decides its bytes. Processes
// may share it: files appear whole. What it cannot read or write it does without, and says so.
type Cache struct {
	Folder string       // made when it is needed; "": nothing is kept
	Warn   func(string) // nil: unheard
}

// Entry is a program's place in the cache, for one compiler and one driver.
type Entry struct {
	cache    Cache
	compiler *Compiler
	program  Program
	file     string
}

// Entry finds a program's place.
func (k Cache) Entry(c *Compiler, p Program, newest driver.Version) Entry {
	h := sha256.New()
	for _, part := range append([]string{p.Name, p.Source, p.Arch, c.version.String(), newest.String()}, p.Options...) {
		fmt.Fprintf(h, "%d %s\n", len(part), part)
	}
	return Entry{k, c, p, filepath.Join(k.Folder, hex.EncodeToString(h.Sum(nil))+".cubin")}
}

// Cubin gives the kept cubin, or compiles it and keeps it. kept says that it was there.
func (e Entry) Cubin() (cubin []byte, kept bool, err error) {
	if e.cache.Folder == "" {
		r, err := e.compiler.Compile(e.program)
		return r.Cubin, false, err
	}
	cubin, err = cachefile.Read(e.file)
	if err == nil {
		return cubin, true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		e.warn("%v; it is compiled anew", err)
	}
	return e.Renew()
}

// Renew compiles a program whatever is kept, and keeps the result.
func (e Entry) Renew() (cubin []byte, kept bool, err error) {
	r, err := e.compiler.Compile(e.program)
	if err != nil {
		return nil, false, err
	}
	if err := cachefile.Write(e.file, r.Cubin); err != nil {
		e.warn("%v; the next start compiles again", err)
	}
	return r.Cubin, false, nil
}

// Module loads a program's kernels into a device. A kept cubin that the driver refuses is
// compiled anew.
func (e Entry) Module(d driver.Device) (driver.Module, error) {
	cubin, kept, err := e.Cubin()
	if err != nil {
		return 0, err
	}
	m, err := d.LoadModule(cubin)
	if kept && driver.Is(err, driver.BadKernel) {
		e.warn("the driver refuses %s: %v; it is compiled anew", e.file, err)
		if cubin, _, err = e.Renew(); err != nil {
			return 0, err
		}
		m, err = d.LoadModule(cubin)
	}
	if err != nil {
		return 0, fmt.Errorf("load %s: %w", e.program.Name, err)
	}
	return m, nil
}

func (e Entry) warn(format string, args ...any) {
	if e.cache.Warn != nil {
		e.cache.Warn("kernel cache: " + fmt.Sprintf(format, args...))
	}
}
