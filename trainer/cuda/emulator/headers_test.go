package emulator

import (
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/headers"
)

// Calls that work here are of the form that NVIDIA's libraries take: every function that the
// stand-ins export is one of NVIDIA's headers, with the same arguments. What the header
// keeps only for programs built with older ones is left out.
func TestFunctionsAreThoseOfNVIDIAsHeaders(t *testing.T) {
	for header, prefix := range map[string]string{"cuda.h": "cu[A-Z]", "cublasLt.h": "cublasLt", "nccl.h": "nccl", "nvrtc.h": "nvrtc"} {
		t.Run(header, func(t *testing.T) {
			headers.Hold(t, header, functionsOf(t, prefix)...)
		})
	}
}

func functionsOf(t *testing.T, prefix string) (claims []headers.Claim) {
	declaration := regexp.MustCompile(`(?m)^API ([\w* ]+?) ?\b(` + prefix + `\w+)\(([^)]*)\)`)
	for _, m := range declaration.FindAllStringSubmatch(text(t), -1) {
		if m[2] == "cuGraphInstantiate_v2" {
			continue
		}
		letters := letter(t, m[1])
		for _, argument := range strings.Split(m[3], ",") {
			if argument = strings.TrimSpace(argument); argument != "" {
				letters += letter(t, argument)
			}
		}
		claims = append(claims, headers.Called(m[2], letters))
	}
	if len(claims) < 10 {
		t.Fatalf("only %d functions of %s were found", len(claims), prefix)
	}
	return claims
}

func letter(t *testing.T, declared string) string {
	if strings.Contains(declared, "*") {
		return "p"
	}
	for _, kind := range []struct{ words, letter string }{
		{"unsigned long long", "8"}, {"unsigned char", "1"}, {"unsigned short", "2"}, {"unsigned", "4"}, {"int", "4"}, {"CUresult", "4"},
		{"CUdeviceptr", "8"}, {"CUdevice", "4"}, {"size_t", "8"}, {"uint64_t", "8"}, {"int64_t", "8"}, {"Id", "S"},
	} {
		if declared == kind.words || strings.HasPrefix(declared, kind.words+" ") {
			return kind.letter
		}
	}
	t.Fatalf("%q: no letter for this type", declared)
	return ""
}

func TestCodesAreThoseOfNVIDIAsHeader(t *testing.T) {
	var claims []headers.Claim
	for _, m := range regexp.MustCompile(`\b(CU\w+) = (\d+)`).FindAllStringSubmatch(text(t), -1) {
		code, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		claims = append(claims, headers.Equal(m[1], code))
	}
	if len(claims) < 40 {
		t.Fatalf("only %d codes were found", len(claims))
	}
	headers.Hold(t, "cuda.h", claims...)
}

// text is all of the stand-ins' source.
func text(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := fs.WalkDir(source, "source", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := source.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
