package nvrtc

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

const source = `extern "C" __global__ void twice(float *x, int n) {
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n) x[i] *= FACTOR;
}`

func program() Program {
	return Program{Name: "twice.cu", Source: source, Arch: "sm_80", Options: []string{"-DFACTOR=2.0f"}}
}

// compiler is a real NVRTC, where the machine has one.
func compiler(t *testing.T) *Compiler {
	t.Helper()
	c, err := Load(library.NewSearch(os.Getenv), 99000)
	if err != nil && os.Getenv("REQUIRE_NVRTC") != "1" {
		t.Skipf("no NVRTC (REQUIRE_NVRTC=1 makes this a failure): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("NVRTC %v at %s", c.Version(), c.Library())
	return c
}

func TestCompilesForEveryArchitecture(t *testing.T) {
	c := compiler(t)
	for _, arch := range []string{"sm_80", "sm_86", "sm_89", "sm_90", "sm_100"} {
		p := program()
		p.Arch = arch
		r, err := c.Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(r.Cubin, []byte("\x7fELF")) || !bytes.Contains(r.Cubin, []byte("twice")) {
			t.Errorf("%s: %d bytes that are no cubin of the kernel", arch, len(r.Cubin))
		}
	}
}

func TestRefusals(t *testing.T) {
	c := compiler(t)
	broken, unknown, nonsense := program(), program(), program()
	broken.Source = strings.Replace(source, "blockDim", "blockSize", 1)
	unknown.Arch = "sm_35"
	nonsense.Options = []string{"--no-such-option"}
	for _, bad := range []struct {
		program Program
		class   driver.Class
		says    string
	}{
		{broken, driver.BadKernel, `twice.cu(2): error: identifier "blockSize" is undefined`},
		{unknown, driver.Unsupported, "does not compile for sm_35, only for sm_"},
		{nonsense, driver.Bug, "--no-such-option"},
		{Program{Arch: "compute_80"}, driver.Bug, "no architecture like sm_90"},
	} {
		_, err := c.Compile(bad.program)
		if !driver.Is(err, bad.class) || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("want %v: %s\ngot  %v", bad.class, bad.says, err)
		}
	}
}

func TestAnOlderDriverRefusesANewCompiler(t *testing.T) {
	c := compiler(t)
	older := driver.Version((c.Version().Major()-1)*1000 + 90)
	s := library.Search{Named: []string{filepath.Dir(c.Library())}}
	if _, err := Load(s, older); !driver.Is(err, driver.DriverTooOld) || !errors.Is(err, sweep.ErrNoDevice) {
		t.Errorf("driver %v, NVRTC %v: %v", older, c.Version(), err)
	}
}
