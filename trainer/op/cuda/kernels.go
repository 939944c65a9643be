package cuda

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
)

// The text of the kernels.
var (
	//go:embed kernels/base.cu
	baseText string
	//go:embed kernels/norm.cu
	normText string
	//go:embed kernels/sums.cu
	sumsText string
	//go:embed kernels/pointwise.cu
	pointwiseText string
	//go:embed kernels/patches.cu
	patchesText string
	//go:embed kernels/tokens.cu
	tokensText string
	//go:embed kernels/sort.cu
	sortText string
	//go:embed kernels/loss.cu
	lossText string
	//go:embed kernels/tile.cu
	tileText string
	//go:embed kernels/attention.cu
	attentionText string
)

// Program is the text of all kernels but attention's (head 0), or of attention's for heads of
// that many numbers, in a precision of sweep, for an architecture as NVRTC names it.
func Program(precision, arch string, head int) nvrtc.Program {
	p := nvrtc.Program{Name: "kernels.cu", Arch: arch, Options: []string{"-std=c++17"}}
	switch precision {
	case sweep.PrecisionBF16:
		p.Options = append(p.Options, "-DBF16")
	case sweep.PrecisionTF32:
		p.Options = append(p.Options, "-DTF32")
	}
	texts := []string{baseText, normText, sumsText, pointwiseText, patchesText, tokensText, sortText, lossText}
	if head > 0 {
		p.Name = "attention.cu"
		p.Options = append(p.Options, fmt.Sprintf("-DHEAD=%d", head))
		texts = []string{baseText, tileText, attentionText}
	}
	p.Source = strings.Join(texts, "\n")
	return p
}

// kernels are the compiled ones.
type kernels struct {
	gpu       driver.Device
	compiler  *nvrtc.Compiler
	cache     nvrtc.Cache
	precision string
	program   func(precision, arch string, head int) nvrtc.Program
	modules   map[int]driver.Module // by the size of attention's heads; 0: all others
	functions map[symbol]function
}

// symbol names a kernel of a module.
type symbol struct {
	name string
	head int
}

type function struct {
	driver.Function
	shared int // bytes of dynamic shared memory that were allowed
}

// module compiles and loads a program on first use.
func (k *kernels) module(head int) (driver.Module, error) {
	if m, ok := k.modules[head]; ok {
		return m, nil
	}
	info := k.gpu.Info()
	m, err := k.cache.Entry(k.compiler, k.program(k.precision, info.Arch(), head), info.Driver).Module(k.gpu)
	if err != nil {
		return 0, fmt.Errorf("kernels: %w", err)
	}
	k.modules[head] = m
	return m, nil
}

// usualShared is how much dynamic shared memory a launch may have without asking.
const usualShared = 48 << 10

// find gives a kernel, by name and the size of attention's heads, that may have so much dynamic
// shared memory.
func (k *kernels) find(name string, head, shared int) (driver.Function, error) {
	key := symbol{name, head}
	f, ok := k.functions[key]
	if !ok {
		m, err := k.module(head)
		if err != nil {
			return 0, err
		}
		if f.Function, err = k.gpu.Function(m, name); err != nil {
			return 0, err
		}
		f.shared = usualShared
	}
	if shared > f.shared {
		if err := k.gpu.SetDynamicShared(f.Function, shared); err != nil {
			return 0, err
		}
		f.shared = shared
	}
	k.functions[key] = f
	return f.Function, nil
}
