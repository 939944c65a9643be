package dataset

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Tile is a picture of a contact sheet.
type Tile struct {
	Image   image.Image
	Caption string
}

// Measures of a contact sheet in pixels: a picture's side, the space around it, the glyphs of
// the caption and how many lines of it there are.
const (
	tileSide   = 96
	tileGap    = 10
	glyphWidth = 7
	lineHeight = 13
	tileLines  = 2
	lineGlyphs = (tileSide + tileGap) / glyphWidth
)

// Sheet draws pictures in rows, each with its caption below, cut where it is longer than two
// lines. Small pictures are enlarged by a whole factor, large ones shrunk.
func Sheet(tiles []Tile) *image.RGBA {
	columns := 1
	for columns*columns < len(tiles) {
		columns++
	}
	rows := (len(tiles) + columns - 1) / columns
	width, height := tileSide+2*tileGap, tileSide+tileGap+lineHeight*tileLines+tileGap
	sheet := image.NewRGBA(image.Rect(0, 0, columns*width, max(rows, 1)*height))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.Gray{232}), image.Point{}, draw.Src)
	for i, t := range tiles {
		corner := image.Pt(i%columns*width+tileGap, i/columns*height+tileGap)
		place(sheet, t.Image, image.Rectangle{corner, corner.Add(image.Pt(tileSide, tileSide))})
		for k, line := range lines(t.Caption) {
			text := font.Drawer{Dst: sheet, Src: image.Black, Face: basicfont.Face7x13}
			text.Dot = fixed.P(corner.X-tileGap/2, corner.Y+tileSide+lineHeight*(k+1))
			text.DrawString(line)
		}
	}
	return sheet
}

// place draws img centred in box, its proportions kept.
func place(sheet *image.RGBA, img image.Image, box image.Rectangle) {
	draw.Draw(sheet, box, image.White, image.Point{}, draw.Src)
	size := img.Bounds().Size()
	longest := max(size.X, size.Y, 1)
	var scaler draw.Interpolator = draw.CatmullRom
	shown := image.Pt(max(size.X*tileSide/longest, 1), max(size.Y*tileSide/longest, 1))
	if factor := tileSide / longest; factor >= 1 {
		scaler, shown = draw.NearestNeighbor, size.Mul(factor)
	}
	corner := box.Min.Add(image.Pt((tileSide-shown.X)/2, (tileSide-shown.Y)/2))
	scaler.Scale(sheet, image.Rectangle{corner, corner.Add(shown)}, img, img.Bounds(), draw.Over, nil)
}

// lines cuts a caption into what fits below a picture.
func lines(caption string) []string {
	runes := []rune(caption)
	var all []string
	for len(runes) > 0 && len(all) < tileLines {
		n := min(len(runes), lineGlyphs)
		if n < len(runes) {
			for k := n; k > n/2; k-- { // between words where one ends
				if runes[k] == ' ' {
					n = k
					break
				}
			}
		}
		all = append(all, string(runes[:n]))
		runes = runes[n:]
		for len(runes) > 0 && runes[0] == ' ' {
			runes = runes[1:]
		}
	}
	if len(runes) > 0 {
		last := []rune(all[tileLines-1])
		all[tileLines-1] = string(last[:min(len(last), lineGlyphs-2)]) + ".."
	}
	return all
}
