package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

func gpuRun(devices int) sweep.Run {
	r := sweep.Run{Trainer: sweep.TrainerClip}
	r.Recipe.Devices = devices
	return r
}

func mustTake(t *testing.T, d *Devices, devices int) (string, func(error)) {
	t.Helper()
	device, back, err := d.take(context.Background(), gpuRun(devices))
	if err != nil {
		t.Fatal(err)
	}
	return device, back
}

func TestRunsTakeDevicesOfTheirOwn(t *testing.T) {
	d := NewDevices([]int{0, 1, 2}, 1)
	d.patience = time.Millisecond
	first, back := mustTake(t, d, 1)
	both, _ := mustTake(t, d, 2)
	if first != "cuda:0" || both != "cuda:1,2" {
		t.Errorf("took %s, then %s", first, both)
	}
	if _, _, err := d.take(context.Background(), gpuRun(1)); !errors.Is(err, sweep.ErrDeviceBusy) || !classify(err).Free {
		t.Errorf("a fourth: %v", err)
	}
	back(nil)
	if again, _ := mustTake(t, d, 1); again != "cuda:0" {
		t.Errorf("took %s", again)
	}
	if _, _, err := d.take(context.Background(), gpuRun(4)); !errors.Is(err, sweep.ErrNoDevice) || !strings.Contains(err.Error(), "asks for 4 GPUs, this worker has 3") {
		t.Error(err)
	}
}

func TestRunsShareDevicesOnlyWhenAsked(t *testing.T) {
	d := NewDevices([]int{0, 1}, 2)
	d.patience = time.Millisecond
	var taken []string
	for range 4 {
		device, _ := mustTake(t, d, 1)
		taken = append(taken, device)
	}
	if got := strings.Join(taken, " "); got != "cuda:0 cuda:1 cuda:0 cuda:1" {
		t.Errorf("took %s", got)
	}
	if _, _, err := d.take(context.Background(), gpuRun(1)); !errors.Is(err, sweep.ErrDeviceBusy) {
		t.Error(err)
	}
}

func TestARunWaitsForItsDevice(t *testing.T) {
	d := NewDevices([]int{0}, 1)
	_, back := mustTake(t, d, 1)
	time.AfterFunc(10*time.Millisecond, func() { back(nil) })
	if device, _ := mustTake(t, d, 1); device != "cuda:0" {
		t.Error(device)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, _, err := d.take(ctx, gpuRun(1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNoTwoRunsHaveADeviceAtOnce(t *testing.T) {
	d := NewDevices([]int{0, 1}, 1)
	var mu sync.Mutex
	using := map[string]bool{}
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			device, back, err := d.take(context.Background(), gpuRun(1))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			if using[device] {
				t.Errorf("%s has two runs", device)
			}
			using[device] = true
			mu.Unlock()
			time.Sleep(100 * time.Microsecond)
			mu.Lock()
			using[device] = false
			mu.Unlock()
			back(nil)
		})
	}
	wait.Wait()
}

func TestRunsThatTakeNone(t *testing.T) {
	onCPU, other := gpuRun(1), gpuRun(1)
	onCPU.Recipe.Device = sweep.DeviceCPU
	other.Trainer = sweep.TrainerSurface
	for name, take := range map[string]func() (string, func(error), error){
		"no devices": func() (string, func(error), error) {
			return (*Devices)(nil).take(context.Background(), gpuRun(1))
		},
		"on the CPU":      func() (string, func(error), error) { return NewDevices([]int{0}, 1).take(context.Background(), onCPU) },
		"another trainer": func() (string, func(error), error) { return NewDevices([]int{0}, 1).take(context.Background(), other) },
	} {
		device, back, err := take()
		if device != "" || err != nil {
			t.Errorf("%s: %q, %v", name, device, err)
			continue
		}
		back(nil)
	}
}

func TestAHostWithoutGPUs(t *testing.T) {
	d := NoDevices(fmt.Errorf("%w: no driver", sweep.ErrNoDevice))
	if device, _ := mustTake(t, d, 2); device != sweep.DeviceCPU {
		t.Errorf("told %q", device)
	}
	demands := gpuRun(1)
	demands.Recipe.Device = sweep.DeviceCUDA
	if _, _, err := d.take(context.Background(), demands); !errors.Is(err, sweep.ErrNoDevice) || !strings.Contains(err.Error(), "no driver") {
		t.Error(err)
	}
}

func TestLostDevicesAreNotGivenAgain(t *testing.T) {
	d := NewDevices([]int{0, 1}, 1)
	_, first := mustTake(t, d, 1)
	_, second := mustTake(t, d, 1)
	first(fmt.Errorf("step 3: %w: ECC", sweep.ErrDeviceLost))
	select {
	case <-d.Gone():
		t.Error("one is left")
	default:
	}
	second(errors.New("something else"))
	device, back := mustTake(t, d, 1)
	if device != "cuda:1" {
		t.Errorf("took %s", device)
	}
	back(sweep.ErrDeviceLost)
	<-d.Gone()
	_, _, err := d.take(context.Background(), gpuRun(1))
	if !errors.Is(err, sweep.ErrNoDevice) || !strings.Contains(err.Error(), "cuda:0 is lost until the worker is started anew (step 3") {
		t.Error(err)
	}
}

// Training and evaluation are told which device they took, and give it back however they end.
func TestActivitiesTakeDevicesAndGiveThemBack(t *testing.T) {
	for name, at := range map[string]func(context.Context, int64, trainer.Sink) error{
		"done":   nil,
		"failed": func(context.Context, int64, trainer.Sink) error { return errors.New("no") },
		"panic":  func(context.Context, int64, trainer.Sink) error { panic("no") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.do.Trainers[sweep.TrainerClip] = w.trainer
			w.run.Trainer = sweep.TrainerClip
			w.do.Devices = NewDevices([]int{3}, 1)
			w.trainer.at = at
			_, _ = w.train() // its error is not the point
			if len(w.trainer.jobs) != 1 || w.trainer.jobs[0].Device != "cuda:3" {
				t.Fatalf("jobs %+v", w.trainer.jobs)
			}
			if device, _ := mustTake(t, w.do.Devices, 1); device != "cuda:3" {
				t.Errorf("afterwards %s is free", device)
			}
		})
	}
}
