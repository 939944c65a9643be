package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
)

// header is a png that states a size and has no pixels.
func header(width, height uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, width)
	chunk = binary.BigEndian.AppendUint32(chunk, height)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, chunk...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
}

func TestHostileImages(t *testing.T) {
	photo := read(t, "photo-420.jpg")
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"empty":              {nil, ErrCorrupt},
		"text":               {[]byte("<html>not found</html>"), ErrCorrupt},
		"truncated":          {photo[:len(photo)/2], ErrCorrupt},
		"bomb":               {header(60_000, 60_000), ErrTooLarge},
		"bomb of one row":    {header(1<<31-1, 1), ErrTooLarge},
		"no pixels":          {header(100, 100), ErrCorrupt},
		"one side is zero":   {header(0, 100), ErrCorrupt},
		"gif":                {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ErrCorrupt},
		"webp without body":  {[]byte("RIFF\x04\x00\x00\x00WEBP"), ErrCorrupt},
		"header only of jpg": {photo[:20], ErrCorrupt},
	} {
		var m Image
		if err := Decode(&m, c.data, MaxPixels); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	var m Image
	if err := Decode(&m, photo, 307*229-1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one pixel above the limit: %v", err)
	}
	if err := Decode(&m, photo, 307*229); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

// Every kind of image that the decoders give comes to the same pixels.
func TestConversions(t *testing.T) {
	red, clear := color.NRGBA{200, 30, 40, 255}, color.NRGBA{200, 30, 40, 0}
	for _, img := range []image.Image{
		filled(image.NewNRGBA(image.Rect(0, 0, 5, 3)), clear), filled(image.NewRGBA(image.Rect(0, 0, 5, 3)), red),
		filled(image.NewNRGBA64(image.Rect(0, 0, 5, 3)), clear), filled(image.NewRGBA64(image.Rect(0, 0, 5, 3)), red),
		filled(image.NewPaletted(image.Rect(0, 0, 5, 3), color.Palette{color.NRGBA{1, 2, 3, 255}, red}), red),
		filled(image.NewYCbCr(image.Rect(0, 0, 5, 3), image.YCbCrSubsampleRatio440), red),
		filled(image.NewYCbCr(image.Rect(0, 0, 5, 3), image.YCbCrSubsampleRatio411), red),
		filled(image.NewYCbCr(image.Rect(0, 0, 5, 3), image.YCbCrSubsampleRatio410), red),
	} {
		var m Image
		m.convert(img, false)
		for i := 0; i < len(m.Pix); i += 3 {
			if !near(m.Pix[i], 200) || !near(m.Pix[i+1], 30) || !near(m.Pix[i+2], 40) {
				t.Fatalf("%T: %v", img, m.Pix)
			}
		}
	}
	var m Image
	m.convert(filled(image.NewGray16(image.Rect(0, 0, 2, 2)), color.Gray{77}), false)
	if m.Pix[0] != 77 || m.Pix[11] != 77 {
		t.Errorf("grey of 16 bits: %v", m.Pix)
	}
}

func near(a, b uint8) bool { return a-b+1 <= 2 }

func filled(img image.Image, c color.Color) image.Image {
	switch m := img.(type) {
	case *image.NRGBA64: // Set would lose the colour of what is transparent
		for i := range m.Pix {
			m.Pix[i] = []uint8{200, 0, 30, 0, 40, 0, 0, 0}[i%8]
		}
	case *image.YCbCr:
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		y, cb, cr := color.RGBToYCbCr(n.R, n.G, n.B)
		fill(m.Y, y)
		fill(m.Cb, cb)
		fill(m.Cr, cr)
	case interface{ Set(int, int, color.Color) }:
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				m.Set(x, y, c)
			}
		}
	}
	return img
}

func fill(p []uint8, v uint8) {
	for i := range p {
		p[i] = v
	}
}

func TestTransformsAreChecked(t *testing.T) {
	if err := errors.Join(Evaluation(224).Check(), Training(32).Check()); err != nil {
		t.Error(err)
	}
	zero, none, wild := Evaluation(224), Evaluation(0), Training(224)
	zero.Std[1] = 0
	wild.Crop.Scale[1] = 1.5
	for _, bad := range []Transform{zero, none, wild} {
		if bad.Check() == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

// Whatever the bytes: Decode gives an error or an image, and the image can be transformed.
func FuzzDecode(f *testing.F) {
	var small bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 9, 4))
	if err := errors.Join(png.Encode(&small, img)); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	small = bytes.Buffer{}
	if err := jpeg.Encode(&small, image.NewYCbCr(image.Rect(0, 0, 5, 3), image.YCbCrSubsampleRatio420), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	for _, name := range []string{"alpha.webp", "palette.png", "small-lossless.webp"} {
		f.Add(read(f, name))
	}
	f.Add(header(60_000, 60_000))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m, small Image
		if Decode(&m, data, 1<<16) != nil {
			return
		}
		var r Resizer
		Evaluation(8).Apply(&r, &small, &m, nil)
		Training(8).Apply(&r, &small, &m, rand.New(rand.NewPCG(1, 1)))
		if len(small.Pix) != 3*8*8 {
			t.Errorf("%d values", len(small.Pix))
		}
	})
}

func BenchmarkPicture(b *testing.B) {
	photo, transform := read(b, "photo-420.jpg"), Training(224)
	var m, out Image
	var r Resizer
	draw := rand.New(rand.NewPCG(1, 1))
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if err := Decode(&m, photo, MaxPixels); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("transform", func(b *testing.B) {
		for b.Loop() {
			transform.Apply(&r, &out, &m, draw)
		}
	})
}
