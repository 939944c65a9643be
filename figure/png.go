package figure

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// PNG writes the figure with look.Scale image pixels a pixel.
func (f Figure) PNG(w io.Writer, look Look) error {
	fonts, err := parsed()
	if err != nil {
		return fmt.Errorf("read the fonts: %w", err)
	}
	p := f.plan(look)
	scale := look.scale()
	r := &raster{
		image: image.NewRGBA(image.Rect(0, 0, int(math.Ceil(p.width*scale)), int(math.Ceil(p.height*scale)))),
		scale: scale, fonts: fonts, faces: map[faceKey]font.Face{},
	}
	p.draw(r)
	if r.err != nil {
		return r.err
	}
	e := png.Encoder{CompressionLevel: png.BestCompression}
	return e.Encode(w, r.image)
}

type faceKey struct {
	size float64
	bold bool
}

// raster is a surface of pixels.
type raster struct {
	image *image.RGBA
	scale float64
	fonts [2]*opentype.Font
	faces map[faceKey]font.Face
	err   error
}

func (r *raster) open(string, []Datum, string) {}
func (r *raster) close()                       {}

func (r *raster) path(points []point, closed bool, p pen) {
	at := make([]point, len(points))
	for i, q := range points {
		at[i] = point{q.x * r.scale, q.y * r.scale}
	}
	if p.fill.A > 0 && len(at) > 2 {
		r.fill([][]point{at}, p.fill)
	}
	if p.stroke.A == 0 || p.width == 0 || len(at) < 2 {
		return
	}
	if closed {
		at = append(at, at[0])
	}
	r.fill(outline(at, p.width*r.scale, p.dash, r.scale), p.stroke)
}

func (r *raster) dots(points []point, radius float64, c color.NRGBA) {
	for _, at := range points {
		r.circle(at, radius, pen{fill: c})
	}
}

func (r *raster) circle(at point, radius float64, p pen) {
	r.path(corners(at, 64, 0, 0, radius), true, p)
}

// fill paints areas that turn the same way, within the part of the image that they cover.
func (r *raster) fill(areas [][]point, c color.NRGBA) {
	bounds := image.Rectangle{}
	for _, area := range areas {
		for _, p := range area {
			x, y := int(math.Floor(p.x)), int(math.Floor(p.y))
			bounds = bounds.Union(image.Rect(x-1, y-1, x+2, y+2))
		}
	}
	bounds = bounds.Intersect(r.image.Bounds())
	if bounds.Empty() {
		return
	}
	z := vector.NewRasterizer(bounds.Dx(), bounds.Dy())
	left, top := float64(bounds.Min.X), float64(bounds.Min.Y)
	for _, area := range areas {
		z.MoveTo(float32(area[0].x-left), float32(area[0].y-top))
		for _, p := range area[1:] {
			z.LineTo(float32(p.x-left), float32(p.y-top))
		}
		z.ClosePath()
	}
	z.Draw(r.image, bounds, image.NewUniform(c), image.Point{})
}

func (r *raster) write(at point, text string, l lettering) {
	text = known(text)
	x, y := at.x, at.y
	length := width(text, l.size, l.bold) * l.anchor
	if l.upright {
		y += length
	} else {
		x -= length
	}
	if l.halo.A > 0 {
		for k := range 12 {
			a := 2 * math.Pi * float64(k) / 12
			halo := l
			halo.ink = l.halo
			r.runs(point{x + 1.5*math.Sin(a), y + 1.5*math.Cos(a)}, text, halo)
		}
	}
	r.runs(point{x, y}, text, l)
}

// runs sets text from its start, piece by piece.
func (r *raster) runs(at point, text string, l lettering) {
	for _, piece := range runs(text) {
		size, raise := l.size, 0.0
		if piece.sup {
			size, raise = supSize*l.size, supRaise*l.size
		}
		w := width(piece.text, size, l.bold)
		if l.upright {
			r.upright(point{at.x - raise, at.y}, piece.text, size, w, l)
			at.y -= w
			continue
		}
		r.glyphs(r.image, point{at.x * r.scale, (at.y - raise) * r.scale}, piece.text, size, l)
		at.x += w
	}
}

func (r *raster) glyphs(on draw.Image, at point, text string, size float64, l lettering) {
	face, err := r.face(faceKey{size * r.scale, l.bold})
	if err != nil {
		r.err = err
		return
	}
	d := font.Drawer{Dst: on, Src: image.NewUniform(l.ink), Face: face, Dot: fixed.Point26_6{X: fixed.Int26_6(at.x * 64), Y: fixed.Int26_6(at.y * 64)}}
	d.DrawString(text)
}

// upright draws text lying and turns it.
func (r *raster) upright(at point, text string, size, length float64, l lettering) {
	high, long := int(math.Ceil(2*size*r.scale)), int(math.Ceil((length+size)*r.scale))
	lying := image.NewNRGBA(image.Rect(0, 0, long, high))
	r.glyphs(lying, point{0, 1.5 * size * r.scale}, text, size, l)
	left, bottom := int(math.Round((at.x-1.5*size)*r.scale)), int(math.Round(at.y*r.scale))
	turned := image.NewNRGBA(image.Rect(0, 0, high, long))
	for y := range high {
		for x := range long {
			turned.SetNRGBA(y, long-1-x, lying.NRGBAAt(x, y))
		}
	}
	draw.Draw(r.image, image.Rect(left, bottom-long, left+high, bottom), turned, image.Point{}, draw.Over)
}

func (r *raster) face(k faceKey) (font.Face, error) {
	if f, ok := r.faces[k]; ok {
		return f, nil
	}
	from := r.fonts[0]
	if k.bold {
		from = r.fonts[1]
	}
	f, err := opentype.NewFace(from, &opentype.FaceOptions{Size: k.size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("size the font: %w", err)
	}
	r.faces[k] = f
	return f, nil
}
