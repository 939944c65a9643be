package picture

import (
	"image"
	"image/color"
)

// convert writes img to m as 8-bit RGB like PIL's convert("RGB"): an alpha channel is dropped,
// not blended; 16 bits lose the lower 8; grey stands three times.
func (m *Image) convert(img image.Image, limited bool) {
	b := img.Bounds()
	m.resize(b.Dx(), b.Dy())
	switch src := img.(type) {
	case *image.YCbCr:
		m.fromYCbCr(src, limited)
	case *image.NYCbCrA:
		m.fromYCbCr(&src.YCbCr, limited)
	case *image.Gray:
		m.each(func(x, y int) (r, g, b uint8) {
			v := src.Pix[src.PixOffset(src.Rect.Min.X+x, src.Rect.Min.Y+y)]
			return v, v, v
		})
	case *image.Paletted:
		m.fromPalette(src)
	case *image.NRGBA:
		m.fromRGBA(src.Pix, src.Stride, 1)
	case *image.RGBA:
		m.fromRGBA(src.Pix, src.Stride, 1) // decoders give it for opaque images only
	case *image.NRGBA64:
		m.fromRGBA(src.Pix, src.Stride, 2)
	case *image.RGBA64:
		m.fromRGBA(src.Pix, src.Stride, 2)
	default:
		m.each(func(x, y int) (uint8, uint8, uint8) {
			c := straight(img.At(b.Min.X+x, b.Min.Y+y))
			return c.R, c.G, c.B
		})
	}
}

func (m *Image) each(at func(x, y int) (r, g, b uint8)) {
	i := 0
	for y := range m.Height {
		for x := range m.Width {
			m.Pix[i], m.Pix[i+1], m.Pix[i+2] = at(x, y)
			i += 3
		}
	}
}

// fromRGBA takes the first three of four channels, of each the first of size bytes.
func (m *Image) fromRGBA(pix []uint8, stride, size int) {
	i := 0
	for y := range m.Height {
		row := pix[y*stride:][:4*size*m.Width]
		for x := 0; x < len(row); x += 4 * size {
			m.Pix[i], m.Pix[i+1], m.Pix[i+2] = row[x], row[x+size], row[x+2*size]
			i += 3
		}
	}
}

func (m *Image) fromPalette(src *image.Paletted) {
	var table [256]color.NRGBA
	for i, c := range src.Palette {
		table[i] = straight(c)
	}
	m.each(func(x, y int) (r, g, b uint8) {
		c := table[src.Pix[y*src.Stride+x]]
		return c.R, c.G, c.B
	})
}

// straight gives a colour without its alpha multiplied in.
func straight(c color.Color) color.NRGBA {
	if n, ok := c.(color.NRGBA); ok {
		return n // the conversion below would make every fully transparent colour black
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}
