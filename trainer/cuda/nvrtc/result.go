package nvrtc

import (
	"errors"
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// nvrtcResult, as far as it is no bug of ours.
const (
	outOfMemory       = 1
	compilationFailed = 6
	builtinsFailed    = 7
)

var classes = map[int]driver.Class{
	outOfMemory:       driver.HostMemory,
	compilationFailed: driver.BadKernel,
	builtinsFailed:    driver.LibraryMissing, // libnvrtc-builtins is not where the loader looks
}

// call calls a function and makes an error of its result.
//
//go:uintptrescapes
func (c *Compiler) call(f int, args ...uintptr) error {
	code := int(int32(library.Call(c.at[f], args...)))
	if code == 0 {
		return nil
	}
	name := library.Text(library.Call(c.at[errorString], uintptr(code)))
	return &driver.Error{Call: names[f], Code: code, Name: name, Text: c.lib.Path, Class: classes[code]}
}

// explain puts the compiler's log into the error of a compilation.
func explain(err error, p Program, log string) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case builtinsFailed:
		e.Text = "libnvrtc-builtins must lie beside " + e.Text
	case compilationFailed:
		e.Text = text([]byte(log))
	default:
		e.Text = fmt.Sprintf("options %q: %s", p.Options, text([]byte(log)))
	}
	return fmt.Errorf("compile %s for %s: %w", p.Name, p.Arch, err)
}
