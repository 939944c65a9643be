package figure

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	update  = flag.Bool("update", false, "write the golden figures")
	drawing = flag.String("draw", "", "folder to draw the examples into as PNG and LaTeX, to look at")
)

var (
	lightWide  = Look{Theme: Light(), Width: 960}
	darkWide   = Look{Theme: Dark(), Width: 1440}
	lightPhone = Look{Theme: Light(), Width: 390}
)

// looks are those that the golden figures have.
var looks = map[string]Look{"": lightWide, "-dark": darkWide, "-phone": lightPhone}

func svgOf(t testing.TB, f Figure, look Look) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.SVG(&b, look); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is drawn does not change unnoticed: `go test ./figure -update` after having looked at
// what `-draw DIR` writes.
func TestGoldenFigures(t *testing.T) {
	for name, f := range examples(t) {
		for suffix, look := range looks {
			if suffix != "" && name != "law" {
				continue
			}
			compare(t, name+suffix+".svg", svgOf(t, f, look))
		}
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; `go test ./figure -update` writes it", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func TestLaTeXGolden(t *testing.T) {
	tex, data := examples(t)["law"].LaTeX("law-data.tex")
	compare(t, "law.tex", tex)
	compare(t, "law-data.tex", data)
}

// To look at the examples: go test ./figure -run Draw -draw DIR.
func TestDraw(t *testing.T) {
	if *drawing == "" {
		t.Skip("no -draw DIR")
	}
	for name, f := range examples(t) {
		tex, data := f.LaTeX(name + "-data.tex")
		for ending, text := range map[string]string{".tex": tex, "-data.tex": data} {
			if err := os.WriteFile(filepath.Join(*drawing, name+ending), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for suffix, look := range looks {
			look.Scale = 1.3
			var b bytes.Buffer
			if err := f.PNG(&b, look); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(*drawing, name+suffix+".png"), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
