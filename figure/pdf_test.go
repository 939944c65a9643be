package figure

import (
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"
)

func pdfOf(t *testing.T, f Figure, look Look) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.PDF(&b, look); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// words of the law's figure that must come out of a PDF.
var words = []string{"OpenCLIP on ImageNet", "ImageNet zero-shot", "GMACs, forward", "ViT-B-32", "E = 5.884 C", "R²"}

// Text can be read out of the PDF, by a reader that shares no code with the writer.
func TestPDFTextIsText(t *testing.T) {
	content := pdfOf(t, examples(t)["law"], lightWide)
	r, err := pdf.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if r.NumPage() != 1 {
		t.Errorf("%d pages", r.NumPage())
	}
	text, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(text); err != nil {
		t.Fatal(err)
	}
	hasWords(t, b.String())
}

// The same by poppler, which readers of papers use; skipped where it is not installed.
func TestPDFTextByPoppler(t *testing.T) {
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed; the test above reads the text by a Go library")
	}
	path := filepath.Join(t.TempDir(), "law.pdf")
	if err := os.WriteFile(path, pdfOf(t, examples(t)["law"], lightWide), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	hasWords(t, string(out), "α = −0.111", "β = ")
}

func hasWords(t *testing.T, text string, more ...string) {
	t.Helper()
	for _, w := range append(more, words...) {
		if !strings.Contains(text, w) {
			t.Errorf("the PDF's text has no %q:\n%s", w, text)
		}
	}
}

// Characters are stored as UTF-16 and the map back to Unicode is the identity over all of it. (The
// library above reads only the low byte through such a map, so Greek is looked for here.)
func TestPDFKeepsUnicode(t *testing.T) {
	streams := inflated(t, pdfOf(t, examples(t)["law"], lightWide))
	for _, want := range []string{"<0000> <FFFF> <0000>", "\x03\xb1", "\x22\x12\x00" + "0\x00.", "\x00\xb2"} { // α, −0., ²
		if !strings.Contains(streams, want) {
			t.Errorf("no %q in the PDF", want)
		}
	}
}

// inflated are the streams of a PDF that are text, one after another.
func inflated(t *testing.T, content []byte) string {
	t.Helper()
	var all strings.Builder
	for _, part := range bytes.Split(content, []byte("\nstream\n"))[1:] {
		r, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			all.Write(part) // not compressed
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// Both fonts travel in the file, and its page is as large as the figure.
func TestPDFEmbedsItsFonts(t *testing.T) {
	content := pdfOf(t, examples(t)["law"], Look{Theme: Light(), Width: 800})
	if n := bytes.Count(content, []byte("/FontFile2")); n != 2 {
		t.Errorf("%d embedded fonts, want the regular and the bold one", n)
	}
	if !bytes.Contains(content, []byte("/MediaBox [0 0 600.00")) {
		t.Error("the page is not 600 points wide")
	}
}
