//go:build !linux || !(amd64 || arm64)

package library

import "errors"

// Served says whether libraries can be opened on this system.
const Served = false

func open(string) (uintptr, error) { return 0, errors.New("only Linux on amd64 and arm64 is served") }

func located(_ uintptr, path string) string { return path }

func lookUp(uintptr, string) uintptr { return 0 }

func missing(error, string) bool { return true }

// Call is never reached: nothing opens here.
func Call(uintptr, ...uintptr) uintptr { return 0 }

// Text is never reached: nothing opens here.
func Text(uintptr) string { return "" }
