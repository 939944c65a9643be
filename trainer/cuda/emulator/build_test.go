package emulator_test

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
)

func TestBuildGivesTheLibraries(t *testing.T) {
	t.Log(emulator.Build(t))
}
