package dataset

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
)

func TestSheet(t *testing.T) {
	small, wide := image.NewGray(image.Rect(0, 0, 32, 32)), image.NewGray(image.Rect(5, 5, 405, 105))
	small.SetGray(3, 4, color.Gray{200})
	sheet := Sheet([]Tile{{small, "small"}, {wide, "wide"}, {image.NewRGBA(image.Rect(0, 0, 1, 900)), "thin"}})
	if sheet.Bounds() != image.Rect(0, 0, 232, 2*142) {
		t.Fatalf("%v", sheet.Bounds())
	}
	at := func(x, y int) uint8 { return sheet.RGBAAt(x, y).R }
	if at(10+9, 10+12) != 200 || at(10+11, 10+14) != 200 || at(10+12, 10+14) != 0 {
		t.Error("a small picture is not enlarged threefold")
	}
	if at(116+10, 10+30) != 255 || at(116+10, 10+48) != 0 || at(116+10+95, 10+58) != 0 {
		t.Error("a wide picture does not lie in the middle of white")
	}
	if !slices.ContainsFunc(sheet.Pix[4*232*107:4*232*119], func(v uint8) bool { return v == 0 }) {
		t.Error("no caption")
	}
	if b := Sheet(nil).Bounds(); b.Empty() {
		t.Error(b)
	}
}

func TestCaptionsAreCut(t *testing.T) {
	for caption, want := range map[string]string{
		"":                                     "",
		"short":                                "short",
		"two words here now":                   "two words here|now",
		"exactly fifteen":                      "exactly fifteen",
		"averyveryverylongword and":            "averyveryverylo|ngword and",
		"a caption that goes on and on and on": "a caption that|goes on and o..",
		"ünïcödé is counted in runes":          "ünïcödé is|counted in..",
	} {
		if got := strings.Join(lines(caption), "|"); got != want {
			t.Errorf("%q: %q, want %q", caption, got, want)
		}
	}
}
