//go:build linux && (amd64 || arm64)

package native_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// named is a folder with a libcuda.so.1 of the given content.
func named(t *testing.T, content []byte) library.Search {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "libcuda.so.1"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	return library.Search{Named: []string{folder}}
}

// otherMachine is an ELF file's beginning, for a machine that nobody has.
func otherMachine() []byte {
	b := make([]byte, 4096)
	copy(b, "\x7fELF\x02\x01\x01")
	b[16], b[18] = 3, 0x15 // a shared object of 64-bit PowerPC
	return b
}

// linked is a library made of C text.
func linked(t *testing.T, text string) library.Search {
	t.Helper()
	compiler, err := exec.LookPath("gcc")
	if err != nil && os.Getenv("REQUIRE_EMULATOR") == "" {
		t.Skipf("no C compiler: %v", err)
	}
	folder := t.TempDir()
	source := filepath.Join(folder, "cuda.c")
	if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(compiler, "-shared", "-fPIC", "-o", filepath.Join(folder, "libcuda.so.1"), source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return library.Search{Named: []string{folder}}
}

func TestDriversThatDoNotServe(t *testing.T) {
	old := `int cuDriverGetVersion(int *v) { *v = 10020; return 0; }
		int cuGetErrorName(int c, const char **t) { *t = "NAME"; return 0; }
		int cuGetErrorString(int c, const char **t) { *t = "words"; return 0; }`
	for _, bad := range []struct {
		name   string
		search library.Search
		class  driver.Class
		says   string
	}{
		{"a text", named(t, []byte("not a library\n")), driver.LibraryForeign, "does not open"},
		{"another machine", named(t, otherMachine()), driver.LibraryForeign, "does not open"},
		{"another library", linked(t, "int something_else;"), driver.LibraryForeign, "lacks cuInit"},
		{"CUDA 10.2", linked(t, old), driver.DriverTooOld, "serves CUDA up to 10.2, 11.8 is needed"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			_, err := native.Load(bad.search)
			if !driver.Is(err, bad.class) || !strings.Contains(err.Error(), bad.says) || !errors.Is(err, sweep.ErrNoDevice) {
				t.Errorf("want %v: ...%s..., got %v", bad.class, bad.says, err)
			}
		})
	}
}

func TestHostsWithoutADevice(t *testing.T) {
	for _, bad := range []struct {
		setting string
		class   driver.Class
	}{{"devices=0", driver.NoGPU}, {"driver=11040", driver.DriverTooOld}} {
		t.Run(bad.setting, func(t *testing.T) {
			e := emulator.Open(t, bad.setting)
			d, err := native.Load(e.Search())
			if err == nil {
				_, err = d.Devices()
			}
			if !driver.Is(err, bad.class) {
				t.Errorf("want %v, got %v", bad.class, err)
			}
		})
	}
}
