//go:build linux && (amd64 || arm64)

package native_test

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
)

func TestConformanceOnAGPU(t *testing.T) {
	d, s := drivertest.GPU(t)
	drivertest.Run(t, d, s)
}
