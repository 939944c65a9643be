package nccl

import (
	"testing"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/headers"
)

func TestCodesAreThoseOfNVIDIAsHeader(t *testing.T) {
	claims := []headers.Claim{
		headers.Equal("sizeof(ncclUniqueId)", unsafe.Sizeof(ID{})),
		headers.Equal("ncclInt32", Int32), headers.Equal("ncclFloat32", Float32), headers.Equal("ncclBfloat16", BFloat16),
		headers.Equal("ncclSum", Sum), headers.Equal("ncclMax", Max), headers.Equal("ncclAvg", Average),
	}
	for code, r := range results {
		claims = append(claims, headers.Equal(r.name, code))
	}
	headers.Hold(t, "nccl.h", claims...)
}
