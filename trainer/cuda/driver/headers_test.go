package driver_test

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/headers"
)

// The codes that have a class, by cuda.h's names.
var named = map[string]int{
	"OUT_OF_MEMORY": 2, "STUB_LIBRARY": 34, "CALL_REQUIRES_NEWER_DRIVER": 36, "DEVICE_UNAVAILABLE": 46, "NO_DEVICE": 100,
	"INVALID_DEVICE": 101, "DEVICE_NOT_LICENSED": 102, "INVALID_IMAGE": 200, "NO_BINARY_FOR_GPU": 209, "ECC_UNCORRECTABLE": 214,
	"UNSUPPORTED_LIMIT": 215, "CONTEXT_ALREADY_IN_USE": 216, "PEER_ACCESS_UNSUPPORTED": 217, "INVALID_PTX": 218,
	"NVLINK_UNCORRECTABLE": 220, "JIT_COMPILER_NOT_FOUND": 221, "UNSUPPORTED_PTX_VERSION": 222, "JIT_COMPILATION_DISABLED": 223,
	"UNSUPPORTED_EXEC_AFFINITY": 224, "UNSUPPORTED_DEVSIDE_SYNC": 225, "CONTAINED": 226, "INVALID_SOURCE": 300,
	"SHARED_OBJECT_SYMBOL_NOT_FOUND": 302, "SHARED_OBJECT_INIT_FAILED": 303, "OPERATING_SYSTEM": 304, "NOT_FOUND": 500,
	"NOT_READY": driver.NotReady, "ILLEGAL_ADDRESS": 700, "LAUNCH_TIMEOUT": 702, "CONTEXT_IS_DESTROYED": 709, "ASSERT": 710,
	"HARDWARE_STACK_ERROR": 714, "ILLEGAL_INSTRUCTION": 715, "MISALIGNED_ADDRESS": 716, "INVALID_ADDRESS_SPACE": 717,
	"INVALID_PC": 718, "LAUNCH_FAILED": 719, "TENSOR_MEMORY_LEAK": 721, "NOT_SUPPORTED": 801, "SYSTEM_NOT_READY": 802,
	"SYSTEM_DRIVER_MISMATCH": 803, "COMPAT_NOT_SUPPORTED_ON_DEVICE": 804, "MPS_CONNECTION_FAILED": 805, "MPS_RPC_FAILURE": 806,
	"MPS_SERVER_NOT_READY": 807, "MPS_MAX_CLIENTS_REACHED": 808, "MPS_MAX_CONNECTIONS_REACHED": 809, "MPS_CLIENT_TERMINATED": 810,
	"CDP_NOT_SUPPORTED": 811, "CDP_VERSION_MISMATCH": 812, "EXTERNAL_DEVICE": 911, "UNKNOWN": 999,
}

func TestResultsHaveTheirNames(t *testing.T) {
	var claims []headers.Claim
	known := map[int]bool{}
	for name, code := range named {
		claims = append(claims, headers.Equal("CUDA_ERROR_"+name, code))
		known[code] = true
	}
	for code := range 1000 {
		if classed := !driver.Is(driver.Failed("f", code, "", ""), driver.Bug); classed && !known[code] {
			t.Errorf("result %d has a class and no name here", code)
		}
	}
	headers.Hold(t, "cuda.h", claims...)
}
