package clip

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
	"github.com/scalelaw/scalelaw/trainer/op/team"
)

// GPUs are those of the host.
type GPUs interface {
	// Open gives the devices with these ordinals (none: the first count ones), computing in a
	// precision of sweep's. Several are joined to a group: a place in it for each. Its errors
	// say why there is none, and the way out.
	Open(ordinals []int, count int, precision string) ([]op.Device, []op.Group, error)
}

// devices are what a run computes on: one, or several that share each batch.
type devices struct {
	all    []op.Device
	groups []op.Group // one for each; none for one alone
}

// need is what a run or an evaluation wants of its devices.
type need struct {
	place     Place
	count     int    // 0: one
	precision string // "": fp32
	threads   int    // of CPUs, all together; 0: all cores
}

// open makes the devices. Where anything will do and no GPU can be had, it says why (Engine.Warn) and takes
// the CPU.
func (e Engine) open(n need) (*devices, error) {
	n.count = max(n.count, 1)
	if n.place.CPU || !n.place.CUDA && e.GPUs == nil {
		return e.openCPUs(n)
	}
	d, err := e.openGPUs(n)
	if err == nil || n.place.CUDA {
		return d, err
	}
	if e.Warn != nil {
		e.Warn(fmt.Sprintf("the CPU computes: %v", err))
	}
	return e.openCPUs(n)
}

// devicesOf opens what a run is to compute on; none where another engine does.
func (e Engine) devicesOf(job trainer.Job) (*devices, error) {
	if e.Other != nil {
		return &devices{}, nil
	}
	r := job.Run.Recipe
	place, err := placeOf(job.Device, r)
	if err != nil {
		return nil, err
	}
	if place.any() {
		place = e.Place
	}
	return e.open(need{place: place, count: r.Replicas(), precision: r.Precision, threads: job.Threads})
}

func (e Engine) openGPUs(n need) (*devices, error) {
	if e.GPUs == nil {
		return nil, fmt.Errorf("%w: this engine has no GPUs", sweep.ErrNoDevice)
	}
	all, groups, err := e.GPUs.Open(n.place.Ordinals, n.count, n.precision)
	if err != nil {
		return nil, err
	}
	return &devices{all, groups}, nil
}

// openCPUs makes one device of the CPU, or several of its cores in a team, which is what several
// GPUs are held to.
func (e Engine) openCPUs(n need) (*devices, error) {
	if n.precision == sweep.PrecisionTF32 {
		return nil, fmt.Errorf("%w: precision tf32 is one of GPUs; take fp32", sweep.ErrNoDevice)
	}
	threads := n.threads
	if n.count > 1 {
		if threads <= 0 {
			threads = runtime.GOMAXPROCS(0)
		}
		threads = max(threads/n.count, 1)
	}
	d := &devices{}
	for range n.count {
		one, err := cpu.New(cpu.Options{Threads: threads, Level: e.Level, Cores: e.Cores, BF16: n.precision == sweep.PrecisionBF16})
		if err != nil {
			return nil, errors.Join(err, d.close())
		}
		d.all = append(d.all, one)
	}
	if n.count > 1 {
		for i, m := range team.New(d.all) {
			d.all[i], d.groups = m, append(d.groups, m)
		}
	}
	return d, nil
}

// one gives the device of somebody who needs but one.
func (e Engine) one(n need) (op.Device, error) {
	d, err := e.open(n)
	if err != nil {
		return nil, err
	}
	return d.all[0], nil
}

// name says what computes.
func (d *devices) name() string {
	if len(d.all) == 1 {
		return d.all[0].Name()
	}
	return fmt.Sprintf("%d x %s", len(d.all), d.all[0].Name())
}

// group is a device's place among the others; nil for one alone.
func (d *devices) group(i int) op.Group {
	if d.groups == nil {
		return nil
	}
	return d.groups[i]
}

func (d *devices) close() (err error) {
	for _, one := range d.all {
		err = errors.Join(err, one.Close())
	}
	return err
}
