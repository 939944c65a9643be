//go:build !gorgonia_cu || !linux || !cgo

// Package gorgoniacu is the driver through gorgonia.org/cu. It is empty without the build tag
// gorgonia_cu and cgo (make gorgonia-cu).
package gorgoniacu
