package headers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A header of the test's own: what is claimed falsely of it is told, each by itself.
func TestFalseClaimsAreTold(t *testing.T) {
	folder := t.TempDir()
	text := "enum { SEVEN = 7 }; struct pair { long a, b; };\nint add(pair *p, unsigned n, double d, pair by);"
	if err := os.WriteFile(filepath.Join(folder, "own.h"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CUDA_HEADERS", folder)
	if reason := absent("own.h"); reason != "" {
		t.Skip(reason)
	}
	Hold(t, "own.h", Equal("SEVEN", 7), Equal("sizeof(pair)", 16), Called("add", "4p4fS"))
	for _, c := range []Claim{Equal("SEVEN", 8), Equal("EIGHT", 8), Called("add", "4p4f"), Called("add", "4p4f8"), Called("add", "4p8fS")} {
		if out := compile(t, "own.h", []Claim{Equal("SEVEN", 7), c}); !strings.Contains(out, "claims:4:") || strings.Contains(out, "claims:3:") {
			t.Errorf("%s: %s", c, out)
		}
	}
	if absent("other.h") == "" {
		t.Error("a header that is not there is said to be")
	}
}
