package library

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Variable names the folders that are searched first, separated as in PATH.
const Variable = "SCALELAW_CUDA_LIBRARIES"

// Search is where libraries are looked for.
type Search struct {
	Named   []string // folders that were named: a library there is meant
	Folders []string // searched after the loader's own
}

// NewSearch makes the search of this machine. Patterns match nothing where nothing is installed.
func NewSearch(getenv func(string) string) Search {
	return Search{
		Named:   list(getenv(Variable)),
		Folders: existing(append(toolkits(getenv), wheels(getenv)...)),
	}
}

// place is one file to try.
type place struct {
	path  string
	named bool
}

// places lists what to try: named folders whole, then name by name in all others.
func (s Search) places(names []string) []place {
	var all []place
	for _, folder := range s.Named {
		for _, name := range names {
			all = append(all, place{filepath.Join(absolute(folder), name), true})
		}
	}
	for _, name := range names {
		all = append(all, place{name, false}) // the loader's own search
		for _, folder := range s.Folders {
			all = append(all, place{filepath.Join(folder, name), false})
		}
	}
	return all
}

func toolkits(getenv func(string) string) []string {
	var roots []string
	for _, variable := range []string{"CUDA_HOME", "CUDA_PATH"} {
		if root := getenv(variable); root != "" {
			roots = append(roots, root)
		}
	}
	roots = append(roots, "/usr/local/cuda", "/opt/cuda")
	versions, _ := filepath.Glob("/usr/local/cuda-*") // the pattern is well-formed
	slices.Sort(versions)
	slices.Reverse(versions)
	target := map[string]string{"amd64": "x86_64-linux", "arm64": "sbsa-linux"}[runtime.GOARCH]
	folders := []string{"/usr/lib/wsl/lib"} // libcuda of Windows' Linux
	for _, root := range append(roots, versions...) {
		folders = append(folders, filepath.Join(root, "lib64"), filepath.Join(root, "targets", target, "lib"))
	}
	return folders
}

// wheels are the folders of NVIDIA's Python packages: of the active environment, of the Pythons
// in PATH, of the user and of the system.
func wheels(getenv func(string) string) []string {
	var prefixes, sites []string
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if p := getenv(variable); p != "" {
			prefixes = append(prefixes, p)
		}
	}
	for _, bin := range list(getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(bin, "python3")); err == nil {
			prefixes = append(prefixes, filepath.Dir(bin))
		}
	}
	if home := getenv("HOME"); home != "" {
		prefixes = append(prefixes, filepath.Join(home, ".local"))
	}
	for _, p := range prefixes {
		sites = append(sites, filepath.Join(p, "lib"), filepath.Join(p, "lib", "python3*", "*-packages", "nvidia", "*", "lib"))
	}
	return append(sites, "/usr/lib/python3/dist-packages/nvidia/*/lib", "/usr/local/lib/python3*/dist-packages/nvidia/*/lib")
}

// existing expands patterns to folders, each once.
func existing(patterns []string) []string {
	var folders []string
	for _, pattern := range patterns {
		found, _ := filepath.Glob(pattern) // a malformed pattern comes from a variable: it finds nothing
		for _, f := range found {
			if !slices.Contains(folders, f) {
				folders = append(folders, f)
			}
		}
	}
	return folders
}

func list(paths string) []string {
	if paths == "" {
		return nil
	}
	return filepath.SplitList(paths)
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
