//go:build linux && (amd64 || arm64)

package native_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// TestAHostWithoutADriver runs in a process of its own: in this one the emulation may be loaded,
// and the loader gives it to whoever asks for libcuda.so.1.
func TestAHostWithoutADriver(t *testing.T) {
	if os.Getenv("NATIVE_TEST_ABSENT") == "" {
		again := exec.Command(os.Args[0], "-test.run=^TestAHostWithoutADriver$", "-test.v")
		again.Env = append(os.Environ(), "NATIVE_TEST_ABSENT=1")
		out, err := again.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	_, err := native.Load(library.Search{Named: []string{t.TempDir()}})
	if err == nil {
		t.Skip("this host has a driver")
	}
	if !driver.Is(err, driver.NoDriver) || !errors.Is(err, sweep.ErrNoDevice) {
		t.Error(err)
	}
}
