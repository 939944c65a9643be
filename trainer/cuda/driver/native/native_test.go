//go:build linux && (amd64 || arm64)

package native_test

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
)

func TestConformanceOnTheEmulator(t *testing.T) {
	e := emulator.Open(t)
	d, err := native.Load(e.Search())
	if err != nil {
		t.Fatal(err)
	}
	drivertest.Run(t, d, e.Search())
	if left := e.Leaks(); len(left) > 0 {
		t.Errorf("not given back: %q", left)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
