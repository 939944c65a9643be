//go:build linux && (amd64 || arm64)

package native_test

import (
	"os"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// TestConformanceOnAGPU runs where there is one. It comes first: the loader gives the emulation to
// whoever asks for libcuda.so.1 once that is loaded.
func TestConformanceOnAGPU(t *testing.T) {
	s := library.NewSearch(os.Getenv)
	d, err := native.Load(s)
	if err != nil && os.Getenv("REQUIRE_GPU") != "1" {
		t.Skipf("no GPU (REQUIRE_GPU=1 makes this a failure): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range must(d.Devices())(t) {
		t.Logf("%s, %s, driver %v, %s", i.Name, i.Arch(), i.Driver, d.Library())
	}
	drivertest.Run(t, d, s)
}
