//go:build linux && (amd64 || arm64)

package native

// Codes of cuda.h.
const (
	// CUdevice_attribute
	attributeClock          = 13
	attributeSMs            = 16
	attributeMemoryClock    = 36
	attributeMemoryBus      = 37
	attributeL2             = 38
	attributeThreadsPerSM   = 39
	attributeMajor          = 75
	attributeMinor          = 76
	attributeSharedSM       = 81
	attributeSharedBlockOpt = 97

	// CUfunction_attribute
	functionMaxThreads       = 0
	functionStaticShared     = 1
	functionLocal            = 3
	functionRegisters        = 4
	functionBinary           = 6
	functionMaxDynamicShared = 8

	blockingSync = 4 // CUctx_flags: waiting threads sleep, they do not spin
	nonBlocking  = 1 // CUstream_flags: not ordered by the legacy default stream
	eventSleep   = 1 // CUevent_flags
	eventUntimed = 2
	threadLocal  = 1 // CUstreamCaptureMode
)
