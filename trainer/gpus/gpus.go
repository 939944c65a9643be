// Package gpus finds the host's NVIDIA GPUs, what they need of the host (driver, compiler,
// libraries), and opens them as devices to compute on.
package gpus

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/claim"
	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
	"github.com/scalelaw/scalelaw/trainer/cuda/nccl"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cuda"
)

// Host is a machine's GPUs. Nothing is loaded before they are first asked for, and then once.
type Host struct {
	search library.Search
	cache  string
	warn   func(string)
	claims string // folder of the files that claim GPUs; "": nothing is claimed
	load   func() (*loaded, error)
	nccl   func() (*nccl.Library, error)
}

// loaded is what GPUs need of the host.
type loaded struct {
	driver   driver.Driver
	compiler *nvrtc.Compiler
	products *cublaslt.Library
	choices  *cublaslt.Choices
}

// New is the host's GPUs, with compiled kernels and measured algorithms kept in a folder ("": in
// memory alone). warn, if not nil, hears what is wrong with that folder.
func New(search library.Search, cache string, warn func(string)) *Host {
	h := &Host{search: search, cache: cache, warn: warn}
	h.load = sync.OnceValues(h.find)
	h.nccl = sync.OnceValues(func() (*nccl.Library, error) { return nccl.Load(search) })
	return h
}

// Claim lets a GPU that another process computes on be refused, where that process claims GPUs in
// the same folder. It comes before all else.
func (h *Host) Claim(folder string) { h.claims = folder }

// find loads the driver and its libraries. Its errors say which is missing, and the way out.
func (h *Host) find() (l *loaded, err error) {
	l = &loaded{}
	if l.driver, err = native.Load(h.search); err != nil {
		return nil, err
	}
	if l.compiler, err = nvrtc.Load(h.search, l.driver.Version()); err != nil {
		return nil, err
	}
	if l.products, err = cublaslt.Load(h.search, l.driver.Version()); err != nil {
		return nil, err
	}
	if h.claims != "" {
		l.driver = claim.New(l.driver, h.claims)
	}
	l.choices = cublaslt.NewChoices(h.folder("products"), h.warn)
	return l, nil
}

func (h *Host) folder(name string) string {
	if h.cache == "" {
		return ""
	}
	return filepath.Join(h.cache, name)
}

// List describes the GPUs that can be computed on. Without any it says why.
func (h *Host) List() ([]driver.Info, error) {
	l, err := h.load()
	if err != nil {
		return nil, err
	}
	return l.driver.Devices()
}

// Open gives the devices with these ordinals (none: the first count ones), computing in a
// precision of sweep's; several are joined by NCCL, and each has its place in the group.
func (h *Host) Open(ordinals []int, count int, precision string) (all []op.Device, groups []op.Group, err error) {
	l, err := h.load()
	if err != nil {
		return nil, nil, err
	}
	if ordinals, err = l.choose(ordinals, count); err != nil {
		return nil, nil, err
	}
	var devices []*Device
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll(devices))
		}
	}()
	for _, n := range ordinals {
		d, err := h.open(l, n, precision)
		if err != nil {
			return nil, nil, fmt.Errorf("cuda:%d: %w", n, err)
		}
		devices, all = append(devices, d), append(all, d)
	}
	if len(devices) > 1 {
		groups, err = h.join(devices)
	}
	return all, groups, err
}

// choose gives the ordinals of the devices that were asked for.
func (l *loaded) choose(ordinals []int, count int) ([]int, error) {
	infos, err := l.driver.Devices()
	if err != nil {
		return nil, err
	}
	if len(ordinals) == 0 {
		for n := range count {
			ordinals = append(ordinals, n)
		}
	}
	for _, n := range ordinals {
		if n >= len(infos) {
			return nil, driver.Errorf(driver.NoGPU, "cuda:%d was asked for, the host has %d (CUDA_VISIBLE_DEVICES counts)", n, len(infos))
		}
	}
	return ordinals, nil
}

// open makes a device of a GPU.
func (h *Host) open(l *loaded, ordinal int, precision string) (*Device, error) {
	gpu, err := l.driver.Open(ordinal)
	if err != nil {
		return nil, err
	}
	products, err := l.products.Open(gpu, l.choices)
	if err != nil {
		return nil, errors.Join(err, gpu.Close())
	}
	d, err := cuda.New(cuda.Options{
		GPU: gpu, Compiler: l.compiler, Cache: nvrtc.Cache{Folder: h.folder("kernels"), Warn: h.warn}, Products: products, Measure: true, Precision: precision,
	})
	if err != nil {
		return nil, errors.Join(err, products.Close(), gpu.Close())
	}
	return &Device{Device: d, gpu: gpu, name: l.name(gpu.Info(), precision), precision: cmp.Or(precision, sweep.PrecisionFP32)}, nil
}

// join makes the devices a group.
func (h *Host) join(devices []*Device) (groups []op.Group, err error) {
	lib, err := h.nccl()
	if err != nil {
		return nil, err
	}
	var raw []driver.Device
	for _, d := range devices {
		raw = append(raw, d.gpu)
	}
	members, err := lib.All(raw)
	if err != nil {
		return nil, err
	}
	for i, d := range devices {
		d.member = members[i]
		g, err := d.Join(members[i])
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}
