// Package headers holds what the trainer takes NVIDIA's C interfaces to be (codes, sizes,
// signatures) against NVIDIA's own headers, by a C++ compiler, on machines that have both. No GPU
// is needed. CUDA_HEADERS names the folders of the headers (`make cuda-headers` fetches them all).
package headers

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

//go:embed shim
var shim embed.FS

// Claim is a C++ expression that the compiler must know to be true.
type Claim string

// Equal claims that a constant of a header has a value.
func Equal[N ~int | ~int32 | ~uintptr](name string, value N) Claim {
	return Claim(fmt.Sprintf("%s == %d", name, value))
}

// Called claims that a function of C is called so: a letter for its result and each argument,
// p for pointers, f for floats, v for none, the size in bytes for integers, and S for a structure.
func Called(function, letters string) Claim {
	return Claim(fmt.Sprintf("letters<decltype(&%s)>::are(%q)", function, letters))
}

// Hold fails the test for each claim that a header does not bear out. Without the header it skips
// the test, or fails it where REQUIRE_CUDA_HEADERS names it.
func Hold(t *testing.T, header string, claims ...Claim) {
	t.Helper()
	if reason := absent(header); reason != "" {
		if slices.Contains(strings.Fields(os.Getenv("REQUIRE_CUDA_HEADERS")), header) {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	if out := compile(t, header, claims); out != "" {
		t.Errorf("%s says otherwise:\n%s", header, out)
	}
}

func folders() []string { return filepath.SplitList(os.Getenv("CUDA_HEADERS")) }

// absent tells why claims about a header cannot be held against it; empty: they can.
func absent(header string) string {
	if _, err := exec.LookPath("g++"); err != nil {
		return "no g++ reads NVIDIA's headers"
	}
	for _, folder := range folders() {
		if _, err := os.Stat(filepath.Join(folder, header)); err == nil {
			return ""
		}
	}
	return fmt.Sprintf("no %s in the folders of CUDA_HEADERS (make cuda-headers)", header)
}

// compile gives the compiler's complaints about claims.
func compile(t *testing.T, header string, claims []Claim) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, shim); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "#include \"letters.h\"\n#include <%s>\n", header)
	for _, c := range claims {
		fmt.Fprintf(&text, "static_assert(%s);\n", c)
	}
	within := filepath.Join(folder, "shim")
	source := filepath.Join(within, "claims.cc")
	if err := os.WriteFile(source, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-std=c++17", "-fsyntax-only", "-w", "-fmax-errors=0"}
	for _, f := range folders() {
		args = append(args, "-I"+f)
	}
	out, err := exec.Command("g++", append(args, "-idirafter", within, source)...).CombinedOutput()
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(fmt.Sprintf("%s(%v)", out, err), source, "claims")
}
