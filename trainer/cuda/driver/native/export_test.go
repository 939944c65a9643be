//go:build linux && (amd64 || arm64)

package native

// Names are the driver's functions that are used.
var Names = names[:]
