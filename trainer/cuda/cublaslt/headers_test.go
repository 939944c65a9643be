package cublaslt

import (
	"testing"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/headers"
)

func TestCodesAreThoseOfNVIDIAsHeader(t *testing.T) {
	claims := []headers.Claim{
		headers.Equal("CUDA_R_32F", Float32),
		headers.Equal("CUDA_R_16BF", BFloat16),
		headers.Equal("CUBLAS_COMPUTE_32F", FP32),
		headers.Equal("CUBLAS_COMPUTE_32F_FAST_TF32", TF32),
		headers.Equal("CUBLASLT_MATMUL_DESC_TRANSA", descTransA),
		headers.Equal("CUBLASLT_MATMUL_DESC_TRANSB", descTransB),
		headers.Equal("CUBLASLT_MATMUL_DESC_EPILOGUE", descEpilogue),
		headers.Equal("CUBLASLT_MATMUL_DESC_BIAS_POINTER", descBiasPointer),
		headers.Equal("CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT", layoutBatch),
		headers.Equal("CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET", layoutStride),
		headers.Equal("CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES", preferWorkspace),
		headers.Equal("CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK", preferReductions),
		headers.Equal("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES", preferAlignA),
		headers.Equal("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES", preferAlignB),
		headers.Equal("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES", preferAlignC),
		headers.Equal("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES", preferAlignD),
		headers.Equal("CUBLASLT_EPILOGUE_BIAS", epilogueBias),
		headers.Equal("CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE", reduceCompute),
		headers.Equal("sizeof(cublasLtMatmulAlgo_t)", unsafe.Sizeof(algorithm{})),
		headers.Equal("sizeof(cublasLtMatmulHeuristicResult_t)", unsafe.Sizeof(candidate{})),
		headers.Equal("offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize)", unsafe.Offsetof(candidate{}.workspace)),
		headers.Equal("offsetof(cublasLtMatmulHeuristicResult_t, state)", unsafe.Offsetof(candidate{}.status)),
	}
	for code, s := range statuses {
		claims = append(claims, headers.Equal(s.name, code))
	}
	headers.Hold(t, "cublasLt.h", claims...)
}
