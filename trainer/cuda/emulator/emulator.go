// Package emulator stands in for a GPU in tests: C++ libraries with the interfaces of
// libcuda.so.1, libnvrtc.so, libcublasLt.so and libnccl.so.2, which g++ builds when a test first
// asks for them. They run the trainer's own CUDA C on the CPU, with every access checked, and
// are loaded by the very code that loads the real ones (docs/cuda-emulation.md).
package emulator

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

//go:embed source
var source embed.FS

// names are what the one library is found by. All share its state, as the real libraries share
// the driver's.
var names = []string{
	"libcuda.so.1", "libcuda.so", "libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2",
	"libcublasLt.so", "libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11", "libnccl.so", "libnccl.so.2",
}

// Build compiles the stand-ins, once for each content and compiler, and returns the folder they
// lie in: a value for SCALELAW_CUDA_LIBRARIES. Without a compiler it skips the test, or fails it
// where REQUIRE_EMULATOR is set.
func Build(t testing.TB) string {
	t.Helper()
	folder, err := build()
	if errors.Is(err, errUnavailable) && os.Getenv("REQUIRE_EMULATOR") == "" {
		t.Skipf("no emulated GPU: %v", err)
	}
	if err != nil {
		t.Fatalf("build the emulated CUDA libraries: %v", err)
	}
	return folder
}

// Folder compiles the stand-ins as Build does, for who is no test.
func Folder() (string, error) { return build() }

var errUnavailable = errors.New("this machine cannot build it")

func build() (string, error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", fmt.Errorf("%w: it needs linux/amd64, not %s/%s", errUnavailable, runtime.GOOS, runtime.GOARCH)
	}
	compiler, err := exec.LookPath("g++")
	if err != nil {
		return "", fmt.Errorf("%w: %v", errUnavailable, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	key, err := contentKey(compiler)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "scalelaw", "emulator", key)
	unlock, err := lock(folder + ".lock") // one builds, other tests wait for it
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(folder, names[0])); err == nil {
		return folder, nil
	}
	return folder, buildInto(folder, compiler)
}

// lock waits until no other process holds a file.
func lock(path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// contentKey names what the libraries are made of: the sources and the compiler.
func contentKey(compiler string) (string, error) {
	version, err := exec.Command(compiler, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", compiler, err)
	}
	sum := sha256.New()
	sum.Write(version)
	err = fs.WalkDir(source, "source", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := source.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), err
}

// buildInto builds in a folder beside and moves it into place, so that what was interrupted is
// never taken for a library.
func buildInto(folder, compiler string) error {
	own, err := os.MkdirTemp(filepath.Dir(folder), "building-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(own)
	tree, err := fs.Sub(source, "source")
	if err != nil {
		return err
	}
	if err := os.CopyFS(own, tree); err != nil {
		return err
	}
	if err := compile(own, folder, compiler); err != nil {
		return err
	}
	for _, name := range names[1:] {
		if err := os.Symlink(names[0], filepath.Join(own, name)); err != nil {
			return err
		}
	}
	return os.Rename(own, folder)
}

// compile makes objects of the folders driver and libraries, at the same time, and links them.
// Each is compiled as one text: the system's headers are then read only once.
func compile(own, folder, compiler string) error {
	parts := []string{"driver", "libraries"}
	failures := make(chan error, len(parts))
	link := []string{"-shared", "-Wl,-soname," + names[0], "-o", names[0]}
	for _, part := range parts {
		link = append(link, part+".o")
		go func() { failures <- object(own, folder, compiler, part) }()
	}
	var failed error
	for range parts {
		failed = errors.Join(failed, <-failures)
	}
	if failed != nil {
		return failed
	}
	return runCompiler(own, compiler, append(link, "-ldl", "-lpthread"))
}

func object(own, folder, compiler, part string) error {
	sources, err := filepath.Glob(filepath.Join(own, part, "*.cc"))
	if err != nil {
		return err
	}
	var whole strings.Builder
	for _, path := range sources {
		fmt.Fprintf(&whole, "#include %q\n", part+"/"+filepath.Base(path))
	}
	if err := os.WriteFile(filepath.Join(own, part+".cc"), []byte(whole.String()), 0o644); err != nil {
		return err
	}
	return runCompiler(own, compiler, []string{
		"-std=c++17", "-O2", "-g1", "-fPIC", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-fno-strict-aliasing", "-c", part + ".cc", "-o", part + ".o",
		fmt.Sprintf("-DEMULATOR_FOLDER=%q", folder), fmt.Sprintf("-DEMULATOR_COMPILER=%q", compiler),
	})
}

func runCompiler(dir, compiler string, arguments []string) error {
	var output bytes.Buffer
	command := exec.Command(compiler, arguments...)
	command.Dir, command.Stdout, command.Stderr = dir, &output, &output
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", command, err, output.Bytes())
	}
	return nil
}
