package drivertest

import (
	"os"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// GPU is the host's driver, for tests on a real device (make test-gpu). Without REQUIRE_GPU=1 they
// are skipped: a process that has the emulation loaded would be given that.
func GPU(t testing.TB) (driver.Driver, library.Search) {
	t.Helper()
	if os.Getenv("REQUIRE_GPU") != "1" {
		t.Skip("runs on a GPU alone: REQUIRE_GPU=1 demands one (make test-gpu)")
	}
	s := library.NewSearch(os.Getenv)
	d, err := native.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Devices()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		t.Logf("%s, %s, driver %v, %s", i.Name, i.Arch(), i.Driver, d.Library())
	}
	return d, s
}
