package main

import (
	"reflect"
	"testing"
)

// As NVRTC 13.0 and 13.3 say it.
const log = `ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'layer_norm' for 'sm_90'
ptxas info    : Function properties for layer_norm
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 38 registers, used 0 barriers
ptxas info    : Compile time = 12.345 ms
ptxas info    : Compiling entry function 'attention' for 'sm_90'
ptxas info    : Function properties for attention
    8 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
ptxas info    : Used 255 registers, used 1 barriers, 8 bytes cumulative stack size, 2048 bytes smem, 400 bytes cmem[0]
`

func TestTheLogIsRead(t *testing.T) {
	got, other := read(log)
	want := []usage{{"layer_norm", 38, 0, 0}, {"attention", 255, 2048, 20}}
	if !reflect.DeepEqual(got, want) || other != nil {
		t.Errorf("read %v and %q, want %v", got, other, want)
	}
}

func TestWarningsAndSpillsAreWrong(t *testing.T) {
	const warning = `kernels.cu(12): warning #177-D: variable "x" was declared but never referenced`
	r := result{program: program{"sm_90", "fp32", 64}}
	r.usage, r.other = read(log + warning + "\n")
	if got := r.complaints(); len(got) != 2 {
		t.Errorf("%q: want the warning and the spill", got)
	}
	if got := (result{}).complaints(); len(got) != 1 {
		t.Errorf("a log without kernels: %q", got)
	}
}
