// Package library finds and opens NVIDIA's shared libraries at run time, so that one program,
// built without cgo and without a toolkit, runs with a GPU and without one.
//
// It looks, in this order, into the folders of SCALELAW_CUDA_LIBRARIES, where the loader itself
// looks (LD_LIBRARY_PATH, ld.so.conf), into the toolkit's folders and into Python wheels
// (nvidia/*/lib). A folder that was named is meant: a library there that does not open is an
// error, not a reason to look on.
package library

import (
	"errors"
	"math"
	"path/filepath"
	"strings"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// Library is an opened shared library. It is never closed: libraries leave threads behind.
type Library struct {
	Path   string
	handle uintptr
}

// Want says which library is looked for.
type Want struct {
	What  string // as errors say it: "NVRTC"
	Files []File // the best first
	Help  string // how to get it
}

// File is a name under which a library may be here.
type File struct {
	Name  string // "libnvrtc.so.13"
	Major int    // of CUDA, which the driver must serve; 0: the name does not tell
}

// served are the names that a driver of CUDA up to newest can work with.
func (w Want) served(newest driver.Version) []string {
	var names []string
	for _, f := range w.Files {
		if f.Major <= newest.Major() {
			names = append(names, f.Name)
		}
	}
	return names
}

// Open opens the best file of a library that is here and that a driver of CUDA up to newest
// serves.
func (s Search) Open(w Want, newest driver.Version) (*Library, error) {
	lib, err := s.open(w, w.served(newest))
	if !driver.Is(err, driver.LibraryMissing) {
		return lib, err
	}
	if later, laterErr := s.open(w, w.served(math.MaxInt32)); laterErr == nil {
		return nil, driver.Errorf(driver.DriverTooOld, "%s at %s is of a newer CUDA than the driver's %v: update the driver, or take an older library", w.What, later.Path, newest)
	}
	return nil, err
}

func (s Search) open(w Want, names []string) (*Library, error) {
	var refused []string
	for _, place := range s.places(names) {
		handle, err := open(place.path)
		switch {
		case err == nil:
			return &Library{Path: located(handle, place.path), handle: handle}, nil
		case missing(err, place.path):
			continue
		}
		refused = append(refused, err.Error())
		if place.named {
			break
		}
	}
	if refused != nil {
		return nil, driver.Errorf(driver.LibraryForeign, "%s was found, but does not open: %s; take one for this machine, or point SCALELAW_CUDA_LIBRARIES at its folder",
			w.What, strings.Join(refused, "; "))
	}
	return nil, driver.Errorf(driver.LibraryMissing, "%s (%s) is not in SCALELAW_CUDA_LIBRARIES, LD_LIBRARY_PATH, the CUDA toolkit's folders or Python's packages: %s",
		w.What, strings.Join(names, ", "), w.Help)
}

// Functions finds functions by name; a missing one is an error that names them all.
func (l *Library) Functions(names []string, addresses []uintptr) error {
	var lacks []string
	for i, name := range names {
		a, err := l.Function(name)
		if err != nil {
			lacks = append(lacks, name)
		}
		addresses[i] = a
	}
	if lacks != nil {
		return driver.Errorf(driver.LibraryForeign, "%s lacks %s: it is not the library that its name says, or of another version", l.Path, strings.Join(lacks, ", "))
	}
	return nil
}

var errNoFunction = errors.New("no such function")

// Function finds one function.
func (l *Library) Function(name string) (uintptr, error) {
	a := lookUp(l.handle, name)
	if a == 0 {
		return 0, errNoFunction
	}
	return a, nil
}

// Beside opens the libraries that match a pattern in the same folder, so that l, which asks the
// loader for them by their bare names, finds them wherever it lies.
func (l *Library) Beside(pattern string) {
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(l.Path), pattern)) // the pattern is ours
	for _, f := range files {
		_, _ = open(f) // l says itself what it misses
	}
}
