//go:build !linux || !(amd64 || arm64)

// Package native is NVIDIA's driver, which this system does not have.
package native

import (
	"runtime"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// Load says that there is none.
func Load(library.Search) (driver.Driver, error) {
	return nil, driver.Errorf(driver.NoDriver, "GPUs are served on Linux (amd64, arm64), this is %s/%s", runtime.GOOS, runtime.GOARCH)
}
