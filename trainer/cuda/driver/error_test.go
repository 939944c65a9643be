package driver

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestErrors(t *testing.T) {
	lost := &Error{Call: "cuStreamSynchronize", Code: 700, Name: "CUDA_ERROR_ILLEGAL_ADDRESS", Text: "an illegal memory access was encountered", Class: DeviceLost}
	wrapped := fmt.Errorf("step 7: %w", lost)
	if !Is(wrapped, DeviceLost) || Is(wrapped, Bug) || Is(errors.New("other"), Bug) {
		t.Error("the class is not seen through a wrapper")
	}
	if !errors.Is(wrapped, sweep.ErrDeviceLost) {
		t.Error("no retry class")
	}
	if want := "step 7: device lost: cuStreamSynchronize: an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS, 700)"; wrapped.Error() != want {
		t.Errorf("got  %s\nwant %s", wrapped, want)
	}
	if got := Errorf(NoGPU, "no device in %s", "a box").Error(); got != "no GPU: no device in a box" {
		t.Error(got)
	}
}

func TestEveryClassHasANameAndAKind(t *testing.T) {
	for c := Bug; c <= Unsupported; c++ {
		if row := classes[c]; strings.TrimSpace(row.name) == "" || row.kind == nil {
			t.Errorf("class %d: %+v", c, row)
		}
	}
	if len(classes) != int(Unsupported)+1 {
		t.Errorf("%d classes", len(classes))
	}
}

func TestVersionsAndArguments(t *testing.T) {
	if got := Oldest.String() + " " + Version(13000).String(); got != "11.8 13.0" {
		t.Error(got)
	}
	if got := Int(-1); got != (Arg{0xffffffff, 4}) {
		t.Errorf("int: %+v", got)
	}
	if got := Float(1); got != (Arg{0x3f800000, 4}) {
		t.Errorf("float: %+v", got)
	}
	if got := (Info{Major: 9}).Arch(); got != "sm_90" {
		t.Error(got)
	}
}
