package figure

import (
	"math"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The Go fonts (Bigelow & Holmes, BSD licence, part of golang.org/x/image) are embedded in PNG
// and PDF and measured for all layouts.
var parsed = sync.OnceValues(func() (fonts [2]*sfnt.Font, err error) {
	for i, ttf := range [][]byte{goregular.TTF, gobold.TTF} {
		if fonts[i], err = opentype.Parse(ttf); err != nil {
			return fonts, err
		}
	}
	return fonts, nil
})

// superscripts are this much smaller, and raised by this share of the size.
const (
	supSize  = 0.72
	supRaise = 0.38
)

// run is a piece of text in one size.
type run struct {
	text string
	sup  bool
}

// runs splits "10^{3}" into its pieces.
func runs(s string) []run {
	var all []run
	for s != "" {
		before, rest, found := strings.Cut(s, "^{")
		if before != "" {
			all = append(all, run{text: before})
		}
		if !found {
			break
		}
		sup, after, closed := strings.Cut(rest, "}")
		if !closed {
			return append(all, run{text: "^{" + rest})
		}
		all = append(all, run{text: sup, sup: true})
		s = after
	}
	return all
}

// unmarked is s without the marks of superscripts, for hints and file formats.
func unmarked(s string) string {
	var b strings.Builder
	for _, r := range runs(s) {
		if r.sup {
			b.WriteString("^")
		}
		b.WriteString(r.text)
	}
	return b.String()
}

// width of s in pixels; 0 when the fonts cannot be read, which the tests rule out.
func width(s string, size float64, bold bool) float64 {
	fonts, err := parsed()
	if err != nil {
		return 0
	}
	f := fonts[0]
	if bold {
		f = fonts[1]
	}
	var buffer sfnt.Buffer
	var w float64
	for _, r := range runs(s) {
		at := size
		if r.sup {
			at *= supSize
		}
		for _, c := range r.text {
			w += advance(f, &buffer, c) * at
		}
	}
	return w
}

// advance is the width of a character at size 1; unknown ones are wide.
func advance(f *sfnt.Font, buffer *sfnt.Buffer, c rune) float64 {
	const units = 2048
	i, err := f.GlyphIndex(buffer, c)
	if err != nil || i == 0 {
		return 1
	}
	a, err := f.GlyphAdvance(buffer, i, fixed.I(units), font.HintingNone)
	if err != nil {
		return 1
	}
	return float64(a) / 64 / units
}

// known replaces characters that the fonts lack, for formats that embed them.
func known(s string) string {
	fonts, err := parsed()
	if err != nil {
		return s
	}
	var buffer sfnt.Buffer
	return strings.Map(func(c rune) rune {
		if i, err := fonts[0].GlyphIndex(&buffer, c); err != nil || i == 0 || c > math.MaxUint16 {
			return '?'
		}
		return c
	}, s)
}

// shorten cuts s to a width, with an ellipsis in the middle: names differ at both ends.
func shorten(s string, size, most float64) string {
	if width(s, size, false) <= most {
		return s
	}
	letters := []rune(s)
	for keep := len(letters) - 1; keep > 1; keep-- {
		cut := string(letters[:(keep+1)/2]) + "…" + string(letters[len(letters)-keep/2:])
		if width(cut, size, false) <= most {
			return cut
		}
	}
	return "…"
}

// wrap breaks s into lines of at most a width; a longer word stands alone, shortened.
func wrap(s string, size, most float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && width(longer, size, false) > most {
			lines = append(lines, line)
			longer = word
		}
		line = shorten(longer, size, most)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
