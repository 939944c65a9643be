//go:build linux && (amd64 || arm64)

package native

// function is one of the driver's functions that are used. The names are those of the library:
// where cuda.h gives a name a version by a macro (_v2), it is part of the name here. All are in
// CUDA 11.8 to 13.
type function int

const (
	initialize function = iota
	driverGetVersion
	getErrorName
	getErrorString
	deviceGetCount
	deviceGet
	deviceGetName
	deviceGetUUID
	deviceTotalMem
	deviceGetAttribute
	deviceGetPCIBusID
	primaryCtxSetFlags
	primaryCtxRetain
	primaryCtxRelease
	ctxSetCurrent
	ctxSynchronize
	memAlloc
	memFree
	memHostAlloc
	memFreeHost
	memGetInfo
	memcpyHtoDAsync
	memcpyDtoHAsync
	memcpyDtoDAsync
	memsetD8Async
	streamCreate
	streamDestroy
	streamSynchronize
	streamWaitEvent
	streamBeginCapture
	streamEndCapture
	eventCreate
	eventDestroy
	eventRecord
	eventQuery
	eventSynchronize
	eventElapsedTime
	moduleLoadData
	moduleUnload
	moduleGetFunction
	funcGetAttribute
	funcSetAttribute
	launchKernel
	graphGetNodes
	graphInstantiate
	graphDestroy
	graphLaunch
	graphExecDestroy
	functions // how many
)

var names = [functions]string{
	initialize:         "cuInit",
	driverGetVersion:   "cuDriverGetVersion",
	getErrorName:       "cuGetErrorName",
	getErrorString:     "cuGetErrorString",
	deviceGetCount:     "cuDeviceGetCount",
	deviceGet:          "cuDeviceGet",
	deviceGetName:      "cuDeviceGetName",
	deviceGetUUID:      "cuDeviceGetUuid_v2",
	deviceTotalMem:     "cuDeviceTotalMem_v2",
	deviceGetAttribute: "cuDeviceGetAttribute",
	deviceGetPCIBusID:  "cuDeviceGetPCIBusId",
	primaryCtxSetFlags: "cuDevicePrimaryCtxSetFlags_v2",
	primaryCtxRetain:   "cuDevicePrimaryCtxRetain",
	primaryCtxRelease:  "cuDevicePrimaryCtxRelease_v2",
	ctxSetCurrent:      "cuCtxSetCurrent",
	ctxSynchronize:     "cuCtxSynchronize",
	memAlloc:           "cuMemAlloc_v2",
	memFree:            "cuMemFree_v2",
	memHostAlloc:       "cuMemHostAlloc",
	memFreeHost:        "cuMemFreeHost",
	memGetInfo:         "cuMemGetInfo_v2",
	memcpyHtoDAsync:    "cuMemcpyHtoDAsync_v2",
	memcpyDtoHAsync:    "cuMemcpyDtoHAsync_v2",
	memcpyDtoDAsync:    "cuMemcpyDtoDAsync_v2",
	memsetD8Async:      "cuMemsetD8Async",
	streamCreate:       "cuStreamCreate",
	streamDestroy:      "cuStreamDestroy_v2",
	streamSynchronize:  "cuStreamSynchronize",
	streamWaitEvent:    "cuStreamWaitEvent",
	streamBeginCapture: "cuStreamBeginCapture_v2",
	streamEndCapture:   "cuStreamEndCapture",
	eventCreate:        "cuEventCreate",
	eventDestroy:       "cuEventDestroy_v2",
	eventRecord:        "cuEventRecord",
	eventQuery:         "cuEventQuery",
	eventSynchronize:   "cuEventSynchronize",
	eventElapsedTime:   "cuEventElapsedTime",
	moduleLoadData:     "cuModuleLoadData",
	moduleUnload:       "cuModuleUnload",
	moduleGetFunction:  "cuModuleGetFunction",
	funcGetAttribute:   "cuFuncGetAttribute",
	funcSetAttribute:   "cuFuncSetAttribute",
	launchKernel:       "cuLaunchKernel",
	graphGetNodes:      "cuGraphGetNodes",
	graphInstantiate:   "cuGraphInstantiateWithFlags",
	graphDestroy:       "cuGraphDestroy",
	graphLaunch:        "cuGraphLaunch",
	graphExecDestroy:   "cuGraphExecDestroy",
}

// paramInfo came with CUDA 12.4: the sizes of a kernel's parameters.
const paramInfo = "cuFuncGetParamInfo"
