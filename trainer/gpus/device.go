package gpus

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/nccl"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cuda"
)

// Device is a GPU to compute on.
type Device struct {
	*cuda.Device
	gpu    driver.Device
	member *nccl.Communicator // of a group; nil: alone
	name   string

	precision string // of sweep
}

var _ op.Queue = (*Device)(nil)

// name tells what decides a run's bits, and in parentheses what else computed it.
func (l *loaded) name(i driver.Info, precision string) string {
	model := strings.ReplaceAll(i.Name, " (", ", ")
	version := l.products.Version()
	return fmt.Sprintf("cuda %s %s %s cublasLt %d.%d.%d (driver of CUDA %v, NVRTC %v)",
		model, i.Arch(), cmp.Or(precision, sweep.PrecisionFP32), version/10000, version/100%100, version%100, i.Driver, l.compiler.Version())
}

// Name implements op.Device.
func (d *Device) Name() string { return d.name }

// Free is how many bytes of the device's memory nobody has.
func (d *Device) Free() (int64, error) {
	free, _, err := d.gpu.MemoryInfo()
	return free, err
}

// Close implements op.Memory.
func (d *Device) Close() error {
	var left error
	if d.member != nil {
		left = d.member.Close()
	}
	return errors.Join(left, d.Device.Close())
}

func closeAll(devices []*Device) (err error) {
	for _, d := range devices {
		err = errors.Join(err, d.Close())
	}
	return err
}
