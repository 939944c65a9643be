// Package picture turns encoded images into the input of a CLIP image tower, as open_clip does
// with PIL and torchvision: decoding to RGB, bicubic resizing with antialiasing, cropping,
// normalising. Sizes are checked before anything is decoded.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the formats of open_clip's image-text data
	_ "image/png"
	"runtime/debug"
	"sync"

	"golang.org/x/image/webp"
)

// Image is an 8-bit RGB image, [Height, Width, 3] in row-major order.
type Image struct {
	Width, Height int
	Pix           []uint8
}

// resize gives the image a size; its content is undefined afterwards.
func (m *Image) resize(width, height int) {
	m.Width, m.Height = width, height
	if n := 3 * width * height; cap(m.Pix) < n {
		m.Pix = make([]uint8, n)
	} else {
		m.Pix = m.Pix[:n]
	}
}

// Errors of Decode: the bytes are no image that can be decoded, or one that is too large.
var (
	ErrCorrupt  = errors.New("not a readable jpeg, png or webp image")
	ErrTooLarge = errors.New("image too large")
)

// MaxPixels is the default limit of an image's pixels, the one at which PIL warns of a
// decompression bomb.
const MaxPixels = 89_478_485

// bigPixels is the size from which images are decoded one at a time in the whole process, so
// that a row of bombs on many threads cannot fill the memory: a decoder takes up to 20 bytes a
// pixel.
const bigPixels = 16 << 20

var big sync.Mutex

// Decode decodes a jpeg, png or webp image into dst, whose memory it reuses. The size that the
// header states is checked against maxPixels before any pixel is decoded.
func Decode(dst *Image, data []byte, maxPixels int) (err error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	width, height := int64(config.Width), int64(config.Height)
	if width < 1 || height < 1 {
		return fmt.Errorf("%w: it is %d x %d pixels", ErrCorrupt, width, height)
	}
	if width > int64(maxPixels)/height {
		return fmt.Errorf("%w: %d x %d pixels, the limit is %d in all", ErrTooLarge, width, height, maxPixels)
	}
	if width*height > bigPixels {
		big.Lock()
		defer big.Unlock()
	}
	img, err := decode(data, format)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if size := img.Bounds().Size(); size != image.Pt(config.Width, config.Height) {
		return fmt.Errorf("%w: its header says %d x %d pixels, it has %d x %d", ErrCorrupt, width, height, size.X, size.Y)
	}
	dst.convert(img, format == "webp")
	return nil
}

// decode turns a panic of a decoder into an error: the bytes come from anywhere, and one image
// in a billion must not end a training run.
func decode(data []byte, format string) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder failed: %v at %s", p, firstLine(debug.Stack()))
		}
	}()
	if format == "webp" {
		return webp.Decode(bytes.NewReader(data))
	}
	img, _, err = image.Decode(bytes.NewReader(data))
	return img, err
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}
