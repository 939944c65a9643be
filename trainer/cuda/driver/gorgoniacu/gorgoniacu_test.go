//go:build gorgonia_cu && linux && cgo

package gorgoniacu_test

import (
	"os"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/gorgoniacu"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// TestConformance runs on what the loader found: a GPU, or the emulation (make gorgonia-cu).
func TestConformance(t *testing.T) {
	d, err := gorgoniacu.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Devices()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, driver %v", all[0].Name, d.Version())
	drivertest.Run(t, d, library.NewSearch(os.Getenv))
}
