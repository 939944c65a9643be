package claim

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// fake has two devices that open and close.
type fake struct {
	driver.Driver
	refuse error
}

func (f *fake) Devices() ([]driver.Info, error) {
	return []driver.Info{{Ordinal: 0, Name: "A", UUID: "GPU-a"}, {Ordinal: 1, Name: "B", UUID: "GPU-b"}}, nil
}

func (f *fake) Open(ordinal int) (driver.Device, error) {
	if ordinal > 1 {
		return nil, driver.Errorf(driver.NoGPU, "only two")
	}
	if f.refuse != nil {
		return nil, f.refuse
	}
	return &device{}, nil
}

type device struct{ driver.Device }

func (*device) Close() error { return nil }

// TestOther is the other process: it claims device 0 until its input ends.
func TestOther(t *testing.T) {
	folder := os.Getenv("CLAIM_TEST_FOLDER")
	if folder == "" {
		t.Skip("runs within TestAnotherProcess")
	}
	if _, err := New(&fake{}, folder).Open(0); err != nil {
		t.Fatal(err)
	}
	fmt.Println("claimed")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // its end counts
}

func TestAnotherProcessIsNoticed(t *testing.T) {
	folder := t.TempDir()
	other := exec.Command(os.Args[0], "-test.run=^TestOther$")
	other.Env = append(os.Environ(), "CLAIM_TEST_FOLDER="+folder)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "claimed\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	d := New(&fake{}, folder)
	_, err = d.Open(0)
	if !driver.Is(err, driver.DeviceBusy) || !errors.Is(err, sweep.ErrDeviceBusy) {
		t.Errorf("%v", err)
	}
	for _, says := range []string{"cuda:0", "GPU-a", fmt.Sprintf("process %d", other.Process.Pid), "SCALELAW_SHARE_GPUS=1"} {
		if err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("it does not say %q: %v", says, err)
		}
	}
	if second, err := d.Open(1); err != nil {
		t.Errorf("the other device: %v", err)
	} else if err := second.Close(); err != nil {
		t.Error(err)
	}
	if err := errors.Join(in.Close(), other.Wait()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(0); err != nil {
		t.Errorf("after it ended: %v", err)
	}
}

func TestAProcessOpensItsOwnMoreThanOnce(t *testing.T) {
	folder := t.TempDir()
	d := New(&fake{}, folder)
	var open []driver.Device
	for range 2 {
		one, err := d.Open(0)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, one)
	}
	stranger := New(&fake{}, folder) // its file is another, as another process' would be
	for i, one := range open {
		if _, err := stranger.Open(0); !driver.Is(err, driver.DeviceBusy) {
			t.Errorf("with %d open: %v", 2-i, err)
		}
		for range 2 { // twice changes nothing
			if err := one.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := stranger.Open(0); err != nil {
		t.Error(err)
	}
}

func TestAFailedOpenKeepsNoClaim(t *testing.T) {
	folder := t.TempDir()
	f := &fake{refuse: errors.New("no")}
	d := New(f, folder)
	if _, err := d.Open(0); !errors.Is(err, f.refuse) {
		t.Error(err)
	}
	if _, err := d.Open(2); !driver.Is(err, driver.NoGPU) {
		t.Error(err)
	}
	if _, err := New(&fake{}, folder).Open(0); err != nil {
		t.Error(err)
	}
	if _, err := New(&fake{}, filepath.Join(folder, "none")).Open(0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without the folder: %v", err)
	}
}
