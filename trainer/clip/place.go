package clip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// Place says what to compute on: the CPU, GPUs, or, when it is neither, whatever there is.
type Place struct {
	CPU      bool
	CUDA     bool
	Ordinals []int // of the GPUs, as the driver counts; none: the first ones
}

// any says that anything will do.
func (p Place) any() bool { return !p.CPU && !p.CUDA }

// ParsePlace reads auto (or nothing), cpu, cuda, cuda:N, or cuda:N,M,... for several GPUs.
func ParsePlace(text string) (Place, error) {
	switch text {
	case "", sweep.DeviceAuto:
		return Place{}, nil
	case sweep.DeviceCPU:
		return Place{CPU: true}, nil
	case sweep.DeviceCUDA:
		return Place{CUDA: true}, nil
	}
	p := Place{CUDA: true}
	list, ok := strings.CutPrefix(text, sweep.DeviceCUDA+":")
	for _, number := range strings.Split(list, ",") {
		n, err := strconv.ParseUint(number, 10, 16)
		if !ok || err != nil || slices.Contains(p.Ordinals, int(n)) {
			return Place{}, fmt.Errorf("%w: device %q is none of auto, cpu, cuda, cuda:N or, for several, cuda:N,M", sweep.ErrBadInput, text)
		}
		p.Ordinals = append(p.Ordinals, int(n))
	}
	return p, nil
}

// placeOf is where a run computes on count devices: where it was put, or where its recipe asks.
func placeOf(given string, r sweep.Recipe) (Place, error) {
	if given == "" {
		given = r.Device
	}
	p, err := ParsePlace(given)
	if err == nil && len(p.Ordinals) > 0 && len(p.Ordinals) != r.Replicas() {
		err = fmt.Errorf("%w: device %s is %d devices, the run's recipe asks for %d", sweep.ErrBadInput, given, len(p.Ordinals), r.Replicas())
	}
	return p, err
}
