package cublaslt

import (
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

const (
	getVersion = iota
	statusString
	create
	destroy
	descCreate
	descDestroy
	descSet
	layoutCreate
	layoutDestroy
	layoutSet
	preferenceCreate
	preferenceDestroy
	preferenceSet
	heuristic
	algoCheck
	matmul
	functions
)

var names = [functions]string{
	getVersion:        "cublasLtGetVersion",
	statusString:      "cublasLtGetStatusString",
	create:            "cublasLtCreate",
	destroy:           "cublasLtDestroy",
	descCreate:        "cublasLtMatmulDescCreate",
	descDestroy:       "cublasLtMatmulDescDestroy",
	descSet:           "cublasLtMatmulDescSetAttribute",
	layoutCreate:      "cublasLtMatrixLayoutCreate",
	layoutDestroy:     "cublasLtMatrixLayoutDestroy",
	layoutSet:         "cublasLtMatrixLayoutSetAttribute",
	preferenceCreate:  "cublasLtMatmulPreferenceCreate",
	preferenceDestroy: "cublasLtMatmulPreferenceDestroy",
	preferenceSet:     "cublasLtMatmulPreferenceSetAttribute",
	heuristic:         "cublasLtMatmulAlgoGetHeuristic",
	algoCheck:         "cublasLtMatmulAlgoCheck",
	matmul:            "cublasLtMatmul",
}

// statuses are cublasStatus_t; what is not here is a bug.
var statuses = map[int]struct {
	name  string
	class driver.Class
}{
	1:  {"CUBLAS_STATUS_NOT_INITIALIZED", driver.LibraryForeign}, // it cannot work with this driver
	3:  {"CUBLAS_STATUS_ALLOC_FAILED", driver.OutOfMemory},
	7:  {"CUBLAS_STATUS_INVALID_VALUE", driver.Bug},
	8:  {"CUBLAS_STATUS_ARCH_MISMATCH", driver.Unsupported},
	11: {"CUBLAS_STATUS_MAPPING_ERROR", driver.DeviceLost},
	13: {"CUBLAS_STATUS_EXECUTION_FAILED", driver.DeviceLost},
	14: {"CUBLAS_STATUS_INTERNAL_ERROR", driver.DeviceLost},
	15: {"CUBLAS_STATUS_NOT_SUPPORTED", driver.Unsupported},
	16: {"CUBLAS_STATUS_LICENSE_ERROR", driver.LibraryForeign},
}

// call calls a function and makes an error of its status.
//
//go:uintptrescapes
func (l *Library) call(f int, args ...uintptr) error {
	code := int(int32(library.Call(l.at[f], args...)))
	if code == 0 {
		return nil
	}
	status, known := statuses[code]
	if !known {
		status.name = "status"
	}
	return &driver.Error{
		Call: names[f], Code: code, Name: status.name, Class: status.class,
		Text: fmt.Sprintf("%s (%s)", library.Text(library.Call(l.at[statusString], uintptr(code))), l.lib.Path),
	}
}
