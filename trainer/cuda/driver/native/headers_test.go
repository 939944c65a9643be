//go:build linux && (amd64 || arm64)

package native

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/headers"
)

func TestCodesAreThoseOfNVIDIAsHeader(t *testing.T) {
	claims := []headers.Claim{
		headers.Equal("CU_DEVICE_ATTRIBUTE_CLOCK_RATE", attributeClock),
		headers.Equal("CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT", attributeSMs),
		headers.Equal("CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE", attributeMemoryClock),
		headers.Equal("CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH", attributeMemoryBus),
		headers.Equal("CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE", attributeL2),
		headers.Equal("CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR", attributeThreadsPerSM),
		headers.Equal("CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR", attributeMajor),
		headers.Equal("CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR", attributeMinor),
		headers.Equal("CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR", attributeSharedSM),
		headers.Equal("CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN", attributeSharedBlockOpt),
		headers.Equal("CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK", functionMaxThreads),
		headers.Equal("CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES", functionStaticShared),
		headers.Equal("CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES", functionLocal),
		headers.Equal("CU_FUNC_ATTRIBUTE_NUM_REGS", functionRegisters),
		headers.Equal("CU_FUNC_ATTRIBUTE_BINARY_VERSION", functionBinary),
		headers.Equal("CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES", functionMaxDynamicShared),
		headers.Equal("CU_CTX_SCHED_BLOCKING_SYNC", blockingSync),
		headers.Equal("CU_STREAM_NON_BLOCKING", nonBlocking),
		headers.Equal("CU_EVENT_BLOCKING_SYNC", eventSleep),
		headers.Equal("CU_EVENT_DISABLE_TIMING", eventUntimed),
		headers.Equal("CU_STREAM_CAPTURE_MODE_THREAD_LOCAL", threadLocal),
		headers.Equal("sizeof(CUuuid)", 16),
	}
	headers.Hold(t, "cuda.h", claims...)
}
