package driver

import (
	"errors"
	"fmt"
)

// Error is a failed call of the driver or of a library beside it.
type Error struct {
	Call  string // cuLaunchKernel
	Code  int    // CUresult, or the library's own; 0 when there was no call
	Name  string // CUDA_ERROR_ILLEGAL_ADDRESS
	Text  string // CUDA's own words, and ours about the way out
	Class Class
}

func (e *Error) Error() string {
	switch {
	case e.Call == "":
		return fmt.Sprintf("%v: %s", e.Class, e.Text)
	case e.Code == 0:
		return fmt.Sprintf("%v: %s: %s", e.Class, e.Call, e.Text)
	}
	return fmt.Sprintf("%v: %s: %s (%s, %d)", e.Class, e.Call, e.Text, e.Name, e.Code)
}

// Unwrap gives the kind of failure that retry rules and exit codes know.
func (e *Error) Unwrap() error { return classes[e.Class].kind }

// Is reports whether err is, or wraps, an error of the class.
func Is(err error, c Class) bool {
	var e *Error
	return errors.As(err, &e) && e.Class == c
}

// Errorf is an error without a call.
func Errorf(c Class, format string, args ...any) *Error {
	return &Error{Class: c, Text: fmt.Sprintf(format, args...)}
}
