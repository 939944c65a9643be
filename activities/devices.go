package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// Devices are the GPUs of a worker's host. Runs take them and give them back; none is given to
// two runs at once, unless the worker was told to share.
type Devices struct {
	patience time.Duration // how long a run waits for one before it is handed back to Temporal

	why error // there are none

	mu      sync.Mutex
	room    map[int]int   // how many more runs each device takes
	lost    map[int]error // devices whose context is gone, until the process is started anew
	changed chan struct{} // closed and made anew when a device comes back
	gone    chan struct{} // closed when all are lost
}

// NewDevices hands out the devices with these ordinals, each to so many runs at once.
func NewDevices(ordinals []int, runsEach int) *Devices {
	d := &Devices{patience: 10 * time.Second, room: map[int]int{}, lost: map[int]error{}, changed: make(chan struct{}), gone: make(chan struct{})}
	for _, n := range ordinals {
		d.room[n] = runsEach
	}
	return d
}

// NoDevices is a host without GPUs, and why. Runs compute on its CPU, unless they demand a GPU.
func NoDevices(why error) *Devices { return &Devices{why: why} }

// take gives a run its devices, as trainer.Job names them, and what to call with the run's error
// afterwards. A run that is to compute on the CPU gets none.
func (d *Devices) take(ctx context.Context, run sweep.Run) (device string, giveBack func(error), err error) {
	if d == nil || run.Trainer != sweep.TrainerClip || run.Recipe.Device == sweep.DeviceCPU {
		return "", func(error) {}, nil
	}
	if d.why != nil && run.Recipe.Device == sweep.DeviceCUDA {
		return "", nil, fmt.Errorf("the run demands a GPU: %w", d.why)
	}
	if d.why != nil {
		return sweep.DeviceCPU, func(error) {}, nil
	}
	limit := time.NewTimer(d.patience)
	defer limit.Stop()
	for {
		taken, changed, err := d.try(run)
		if err != nil {
			return "", nil, err
		}
		if taken != nil {
			return named(taken), func(err error) { d.back(taken, err) }, nil
		}
		select {
		case <-changed:
		case <-limit.C:
			return "", nil, fmt.Errorf("%w: all GPUs of this worker have their runs", sweep.ErrDeviceBusy)
		case <-ctx.Done():
			return "", nil, ctx.Err()
		}
	}
}

// try takes the devices if all are free now. Which ones decides nothing about the result.
func (d *Devices) try(run sweep.Run) (taken []int, changed <-chan struct{}, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	usable, err := d.usable(run)
	if err != nil {
		return nil, nil, err
	}
	for _, n := range usable {
		if d.room[n] > 0 && len(taken) < run.Recipe.Replicas() {
			taken = append(taken, n)
		}
	}
	if len(taken) < run.Recipe.Replicas() {
		return nil, d.changed, nil
	}
	for _, n := range taken {
		d.room[n]--
	}
	return taken, nil, nil
}

// usable are the devices that are not lost, the emptiest first.
func (d *Devices) usable(run sweep.Run) ([]int, error) {
	var usable []int
	for n := range d.room {
		if d.lost[n] == nil {
			usable = append(usable, n)
		}
	}
	slices.SortFunc(usable, func(a, b int) int {
		return cmp.Or(d.room[b]-d.room[a], a-b)
	})
	if need := run.Recipe.Replicas(); len(usable) < need {
		return nil, d.tooFew(len(usable), need)
	}
	return usable, nil
}

func (d *Devices) tooFew(usable, need int) error {
	err := fmt.Errorf("%w: the run asks for %d GPUs, this worker has %d", sweep.ErrNoDevice, need, usable)
	for n, why := range d.lost {
		err = fmt.Errorf("%w; cuda:%d is lost until the worker is started anew (%v)", err, n, why)
	}
	return err
}

// Gone is closed when every device is lost: only another process can use them again.
func (d *Devices) Gone() <-chan struct{} { return d.gone }

// back takes devices back. A run that lost its device may have lost any of them.
func (d *Devices) back(taken []int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range taken {
		d.room[n]++
		if errors.Is(err, sweep.ErrDeviceLost) && d.lost[n] == nil {
			d.lost[n] = err
			if len(d.lost) == len(d.room) {
				close(d.gone)
			}
		}
	}
	close(d.changed)
	d.changed = make(chan struct{})
}

// named is how trainer.Job names devices: cuda:0, or cuda:0,1.
func named(ordinals []int) string {
	slices.Sort(ordinals)
	texts := make([]string, len(ordinals))
	for i, n := range ordinals {
		texts[i] = strconv.Itoa(n)
	}
	return sweep.DeviceCUDA + ":" + strings.Join(texts, ",")
}
