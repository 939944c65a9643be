// Package claim keeps two processes from computing on one GPU without knowing of each other:
// whoever opens a device holds a lock on a file named by the device's UUID.
package claim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// Variable, set to 1, lets processes share GPUs.
const Variable = "SCALELAW_SHARE_GPUS"

// Driver is a driver whose open devices are claimed. Within the process they may be opened more
// than once.
type Driver struct {
	driver.Driver
	folder string

	mu   sync.Mutex
	held map[string]*hold // by UUID
}

// hold is a claim and how many open devices stand on it.
type hold struct {
	file  *os.File
	count int
}

// New claims the devices that d opens, by files in a folder that all users of the host share:
// os.TempDir.
func New(d driver.Driver, folder string) *Driver {
	return &Driver{Driver: d, folder: folder, held: map[string]*hold{}}
}

// Open implements driver.Driver. A device that another process has is an error of class
// DeviceBusy.
func (d *Driver) Open(ordinal int) (driver.Device, error) {
	all, err := d.Devices()
	if err != nil {
		return nil, err
	}
	if ordinal < 0 || ordinal >= len(all) {
		return d.Driver.Open(ordinal) // its error says which there are
	}
	if err := d.claim(all[ordinal]); err != nil {
		return nil, err
	}
	device, err := d.Driver.Open(ordinal)
	if err != nil {
		d.release(all[ordinal].UUID)
		return nil, err
	}
	return &claimed{Device: device, release: sync.OnceFunc(func() { d.release(all[ordinal].UUID) })}, nil
}

// claimed is an open device that gives its claim up when it is closed.
type claimed struct {
	driver.Device
	release func()
}

func (c *claimed) Close() error {
	defer c.release()
	return c.Device.Close()
}

func (d *Driver) claim(i driver.Info) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := d.held[i.UUID]; h != nil {
		h.count++
		return nil
	}
	path := filepath.Join(d.folder, "scalelaw-"+i.UUID+".lock")
	file, err := lock(path)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return driver.Errorf(driver.DeviceBusy, "cuda:%d (%s, %s) is used by %s: wait for it, take another device (cuda:N), or set %s=1 to share it",
			i.Ordinal, i.Name, i.UUID, holder(path), Variable)
	}
	if err != nil {
		return fmt.Errorf("claim cuda:%d: %w", i.Ordinal, err)
	}
	d.held[i.UUID] = &hold{file, 1}
	return nil
}

func (d *Driver) release(uuid string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.held[uuid]
	if h.count--; h.count > 0 {
		return
	}
	_ = h.file.Close() // which ends the lock; the file stays, or another could lock it unseen
	delete(d.held, uuid)
}

// lock opens a file, locks it and writes who did. The lock ends with the process.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if errors.Is(err, fs.ErrPermission) {
		file, err = os.Open(path) // another user's: it can be locked, not written
	}
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if file.Truncate(0) == nil {
		_, _ = file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0) // for holder's words alone
	}
	return file, nil
}

// holder says which process has a claim, as well as can be known.
func holder(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "another process"
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return "another process"
	}
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return fmt.Sprintf("process %d", pid)
	}
	words := strings.FieldsFunc(string(command), func(r rune) bool { return r == 0 })
	return fmt.Sprintf("process %d (%s)", pid, strings.Join(words[:min(len(words), 3)], " "))
}
