package nccl

import (
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

const (
	getVersion = iota
	errorString
	getUniqueID
	initRank
	initAll
	allReduce
	allGather
	reduceScatter
	broadcast
	groupStart
	groupEnd
	asyncError
	commDestroy
	commAbort
	functions
)

var names = [functions]string{
	getVersion:    "ncclGetVersion",
	errorString:   "ncclGetErrorString",
	getUniqueID:   "ncclGetUniqueId",
	initRank:      "ncclCommInitRank",
	initAll:       "ncclCommInitAll",
	allReduce:     "ncclAllReduce",
	allGather:     "ncclAllGather",
	reduceScatter: "ncclReduceScatter",
	broadcast:     "ncclBroadcast",
	groupStart:    "ncclGroupStart",
	groupEnd:      "ncclGroupEnd",
	asyncError:    "ncclCommGetAsyncError",
	commDestroy:   "ncclCommDestroy",
	commAbort:     "ncclCommAbort",
}

// results are ncclResult_t; what is not here is a bug.
var results = map[int]struct {
	name  string
	class driver.Class
}{
	1: {"ncclUnhandledCudaError", driver.DeviceLost},
	2: {"ncclSystemError", driver.DeviceLost},
	3: {"ncclInternalError", driver.Bug},
	4: {"ncclInvalidArgument", driver.Bug},
	5: {"ncclInvalidUsage", driver.Bug},
	6: {"ncclRemoteError", driver.DeviceLost},
}

// call calls a function and makes an error of its result.
//
//go:uintptrescapes
func (l *Library) call(f int, args ...uintptr) error {
	return l.check(f, int(int32(library.Call(l.at[f], args...))))
}

func (l *Library) check(f, code int) error {
	if code == 0 {
		return nil
	}
	result, known := results[code]
	if !known {
		result.name = "ncclResult_t"
	}
	text := library.Text(library.Call(l.at[errorString], uintptr(code)))
	return &driver.Error{
		Call: names[f], Code: code, Name: result.name, Class: result.class,
		Text: fmt.Sprintf("%s; NCCL_DEBUG=WARN tells more (%s)", text, l.lib.Path),
	}
}
