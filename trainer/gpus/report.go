package gpus

import (
	"fmt"

	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/nccl"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
)

// Part is something that GPUs need of the host: what was found, or why it was not.
type Part struct {
	What   string
	Detail string
	Err    error
}

// newestServed stands for a driver that is not there, so that libraries can be looked for.
const newestServed driver.Version = 13990

// Report looks for every part by itself, whatever the others lack. NCCL is needed by several GPUs
// alone.
func (h *Host) Report() []Part {
	d, err := native.Load(h.search)
	if err != nil {
		return append([]Part{{What: "NVIDIA driver", Err: err}}, h.libraries(newestServed)...)
	}
	parts := []Part{{What: "NVIDIA driver", Detail: fmt.Sprintf("serves CUDA %v, %s", d.Version(), d.Library())}}
	return append(append(parts, devices(d)...), h.libraries(d.Version())...)
}

func devices(d driver.Driver) []Part {
	all, err := d.Devices()
	if err != nil {
		return []Part{{What: "GPUs", Err: err}}
	}
	parts := make([]Part, len(all))
	for i, g := range all {
		parts[i] = Part{What: fmt.Sprintf("cuda:%d", g.Ordinal), Detail: fmt.Sprintf("%s, %s, %d multiprocessors, %.1f GiB, %s", g.Name, g.Arch(), g.SMs, float64(g.Memory)/(1<<30), g.UUID)}
	}
	return parts
}

func (h *Host) libraries(newest driver.Version) []Part {
	compiler, products, several := Part{What: "NVRTC"}, Part{What: "cublasLt"}, Part{What: "NCCL"}
	if c, err := nvrtc.Load(h.search, newest); err != nil {
		compiler.Err = err
	} else {
		compiler.Detail = fmt.Sprintf("%v, %s", c.Version(), c.Library())
	}
	if l, err := cublaslt.Load(h.search, newest); err != nil {
		products.Err = err
	} else {
		v := l.Version()
		products.Detail = fmt.Sprintf("%d.%d.%d, %s", v/10000, v/100%100, v%100, l.Library())
	}
	if l, err := nccl.Load(h.search); err != nil {
		several.Err = err
	} else {
		several.Detail = fmt.Sprintf("%s, %s", l.Version(), l.Library())
	}
	return []Part{compiler, products, several}
}
