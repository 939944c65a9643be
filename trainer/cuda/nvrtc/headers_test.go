package nvrtc

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/headers"
)

func TestCodesAreThoseOfNVIDIAsHeader(t *testing.T) {
	headers.Hold(t, "nvrtc.h",
		headers.Equal("NVRTC_ERROR_OUT_OF_MEMORY", outOfMemory),
		headers.Equal("NVRTC_ERROR_COMPILATION", compilationFailed),
		headers.Equal("NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", builtinsFailed),
	)
}
