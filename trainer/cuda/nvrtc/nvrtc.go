// Package nvrtc compiles CUDA C for the device at hand with NVIDIA's run-time compiler, loaded
// at run time: NVRTC 13, 12 or 11, whichever is here and serves the driver. Cubins are kept on
// disk (Cache).
package nvrtc

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// Compiler is the loaded compiler. Any number of goroutines may use it.
type Compiler struct {
	lib     *library.Library
	at      [functions]uintptr
	version driver.Version
	archs   []int // that it compiles for: 80, 86, ...
}

// Program is what is compiled.
type Program struct {
	Name    string // as the log says it: "norm.cu"
	Source  string
	Arch    string   // "sm_90": a real architecture, so that a cubin comes out
	Options []string // besides the architecture: "-DWIDTH=64"
}

// Result is a compiled program.
type Result struct {
	Cubin []byte
	Log   string // warnings, and what options asked for; empty from the cache
}

const (
	versionOf = iota
	supportedArchCount
	supportedArchs
	create
	compile
	destroy
	logSize
	readLog
	cubinSize
	readCubin
	errorString
	functions
)

var names = [functions]string{
	versionOf:          "nvrtcVersion",
	supportedArchCount: "nvrtcGetNumSupportedArchs",
	supportedArchs:     "nvrtcGetSupportedArchs",
	create:             "nvrtcCreateProgram",
	compile:            "nvrtcCompileProgram",
	destroy:            "nvrtcDestroyProgram",
	logSize:            "nvrtcGetProgramLogSize",
	readLog:            "nvrtcGetProgramLog",
	cubinSize:          "nvrtcGetCUBINSize",
	readCubin:          "nvrtcGetCUBIN",
	errorString:        "nvrtcGetErrorString",
}

var want = library.Want{
	What: "NVRTC, which compiles the kernels,",
	Files: []library.File{
		{Name: "libnvrtc.so.13", Major: 13}, {Name: "libnvrtc.so.12", Major: 12}, {Name: "libnvrtc.so.11.2", Major: 11},
		{Name: "libnvrtc.so"},
	},
	Help: "pip install nvidia-cuda-nvrtc (for a driver of CUDA 12: nvidia-cuda-nvrtc-cu12), or install the CUDA toolkit",
}

// Load finds the newest compiler whose cubins a driver of CUDA up to newest takes.
func Load(s library.Search, newest driver.Version) (*Compiler, error) {
	lib, err := s.Open(want, newest)
	if err != nil {
		return nil, err
	}
	c := &Compiler{lib: lib}
	if err := lib.Functions(names[:], c.at[:]); err != nil {
		return nil, err
	}
	lib.Beside("libnvrtc-builtins.so.*")
	if err := c.identify(); err != nil {
		return nil, err
	}
	if c.version.Major() > newest.Major() {
		return nil, driver.Errorf(driver.DriverTooOld, "%s is NVRTC %v, the driver serves CUDA %v: update the driver, or take an older NVRTC", lib.Path, c.version, newest)
	}
	return c, nil
}

// Version is the compiler's.
func (c *Compiler) Version() driver.Version { return c.version }

// Library is the file that was loaded.
func (c *Compiler) Library() string { return c.lib.Path }

func (c *Compiler) identify() error {
	var major, minor, n int32
	if err := c.call(versionOf, uintptr(unsafe.Pointer(&major)), uintptr(unsafe.Pointer(&minor))); err != nil {
		return err
	}
	c.version = driver.Version(1000*major + 10*minor)
	if err := c.call(supportedArchCount, uintptr(unsafe.Pointer(&n))); err != nil {
		return err
	}
	archs := make([]int32, max(n, 1))
	if err := c.call(supportedArchs, uintptr(unsafe.Pointer(&archs[0]))); err != nil {
		return err
	}
	for _, a := range archs {
		c.archs = append(c.archs, int(a))
	}
	return nil
}

// Compile compiles a program. What the compiler refuses is an error of class BadKernel with its
// log; an architecture that it does not know is Unsupported.
func (c *Compiler) Compile(p Program) (Result, error) {
	if err := c.serves(p.Arch); err != nil {
		return Result{}, err
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	var program uintptr
	if err := c.call(create, uintptr(unsafe.Pointer(&program)), library.String(&pin, p.Source), library.String(&pin, p.Name), 0, 0, 0); err != nil {
		return Result{}, err
	}
	defer func() { _ = c.call(destroy, uintptr(unsafe.Pointer(&program))) }() // nothing is left to tell
	options := append([]string{"-arch=" + p.Arch}, p.Options...)
	compiled := c.call(compile, program, uintptr(len(options)), library.Strings(&pin, options))
	log, err := c.read(program, logSize, readLog)
	if compiled != nil {
		return Result{}, explain(compiled, p, string(log))
	}
	if err != nil {
		return Result{}, err
	}
	cubin, err := c.read(program, cubinSize, readCubin)
	if err == nil && len(cubin) == 0 {
		err = driver.Errorf(driver.Bug, "%s: %s gives no cubin: it is no real architecture", p.Name, p.Arch)
	}
	return Result{cubin, text(log)}, err
}

func (c *Compiler) serves(arch string) error {
	var n int
	if _, err := fmt.Sscanf(strings.TrimPrefix(arch, "sm_"), "%d", &n); err != nil || !strings.HasPrefix(arch, "sm_") {
		return driver.Errorf(driver.Bug, "%q is no architecture like sm_90", arch)
	}
	if !slices.Contains(c.archs, n) {
		return driver.Errorf(driver.Unsupported, "NVRTC %v (%s) does not compile for %s, only for sm_%d to sm_%d: take another version of it",
			c.version, c.lib.Path, arch, slices.Min(c.archs), slices.Max(c.archs))
	}
	return nil
}

// read gets a text or a cubin: its size first, then its bytes.
func (c *Compiler) read(program uintptr, size, content int) ([]byte, error) {
	var n uint64
	if err := c.call(size, program, uintptr(unsafe.Pointer(&n))); err != nil || n == 0 {
		return nil, err
	}
	b := make([]byte, n)
	err := c.call(content, program, uintptr(unsafe.Pointer(&b[0])))
	return b, err
}

func text(c []byte) string { return strings.TrimSpace(strings.TrimRight(string(c), "\x00")) }
