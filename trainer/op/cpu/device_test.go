package cpu

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
	"github.com/scalelaw/scalelaw/trainer/op/optest"
)

func device(t testing.TB, level string, threads int) *Device {
	t.Helper()
	d, err := New(Options{Level: level, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// Every operation at every level of this CPU is what its definition says.
func TestAgainstTheDefinition(t *testing.T) {
	for _, level := range kernel.Levels() {
		t.Run(level, func(t *testing.T) {
			optest.Check(t, 40, 3e-6, func() op.Device { return device(t, level, 2) })
		})
	}
}
