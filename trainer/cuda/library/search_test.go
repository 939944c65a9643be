package library

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

func folders(t *testing.T, root string, names ...string) []string {
	t.Helper()
	var all []string
	for _, name := range names {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		all = append(all, path)
	}
	return all
}

func TestSearchKnowsToolkitsAndWheels(t *testing.T) {
	root := t.TempDir()
	made := folders(t, root, "cuda/lib64", "venv/lib", "venv/lib/python3.11/site-packages/nvidia/cu13/lib", "venv/lib/python3.11/site-packages/nvidia/nccl/lib",
		"conda/lib", "conda/lib/python3.12/site-packages/nvidia/cublas/lib", "home/.local/lib/python3.9/site-packages/nvidia/cuda_nvrtc/lib", "py/lib/python3.13/dist-packages/nvidia/cu13/lib")
	folders(t, root, "py/bin")
	if err := os.WriteFile(filepath.Join(root, "py/bin/python3"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(root, name) }
	s := NewSearch(func(variable string) string {
		return map[string]string{
			Variable: "/first:/second", "CUDA_HOME": at("cuda"), "VIRTUAL_ENV": at("venv"), "CONDA_PREFIX": at("conda"),
			"HOME": at("home"), "PATH": at("none/bin") + ":" + at("py/bin"),
		}[variable]
	})
	if !slices.Equal(s.Named, []string{"/first", "/second"}) {
		t.Errorf("named: %q", s.Named)
	}
	for _, folder := range made {
		if !slices.Contains(s.Folders, folder) {
			t.Errorf("%s is not searched", folder)
		}
	}
	if NewSearch(func(string) string { return "" }).Named != nil {
		t.Error("folders were named that nobody named")
	}
}

func TestNamedFoldersComeFirstThenNewerNames(t *testing.T) {
	s := Search{Named: []string{"/named"}, Folders: []string{"/wheel"}}
	var got []string
	for _, p := range s.places([]string{"new", "old"}) {
		got = append(got, p.path)
	}
	if want := []string{"/named/new", "/named/old", "new", "/wheel/new", "old", "/wheel/old"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestMissingAndForeignLibraries(t *testing.T) {
	if !Served {
		t.Skip("nothing opens on this system")
	}
	w := Want{What: "the thing", Files: []File{{Name: "libscalelaw-thing.so.13", Major: 13}, {Name: "libscalelaw-thing.so.12", Major: 12}}, Help: "get it"}
	empty, broken := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "libscalelaw-thing.so.12"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct {
		search Search
		class  driver.Class
		says   string
	}{
		{Search{Folders: []string{empty}}, driver.LibraryMissing, "get it"},
		{Search{Folders: []string{broken}}, driver.LibraryForeign, "SCALELAW_CUDA_LIBRARIES"},
		{Search{Named: []string{broken}}, driver.LibraryForeign, broken},
	} {
		_, err := bad.search.Open(w, 13000)
		if !driver.Is(err, bad.class) || !strings.Contains(err.Error(), bad.says) || !strings.Contains(err.Error(), "the thing") {
			t.Errorf("want %v with %q, got %v", bad.class, bad.says, err)
		}
	}
}

func TestAnOpenedLibraryTellsWhereItIs(t *testing.T) {
	if !Served {
		t.Skip("nothing opens on this system")
	}
	l, err := Search{}.Open(Want{What: "the C library", Files: []File{{Name: "libc.so.6"}}}, 0)
	if err != nil {
		t.Skipf("no glibc: %v", err)
	}
	if !filepath.IsAbs(l.Path) || !strings.HasSuffix(l.Path, "libc.so.6") {
		t.Errorf("path %q", l.Path)
	}
	var at [2]uintptr
	if err := l.Functions([]string{"getpid", "strlen"}, at[:]); err != nil {
		t.Fatal(err)
	}
	if got := int(Call(at[0])); got != os.Getpid() {
		t.Errorf("getpid: %d", got)
	}
	if err := l.Functions([]string{"getpid", "no_such_thing"}, at[:]); !driver.Is(err, driver.LibraryForeign) || !strings.Contains(err.Error(), "lacks no_such_thing") {
		t.Error(err)
	}
}
