package icons32

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/scalelaw/scalelaw/sweep"
)

//go:embed icons32.bin
var embedded []byte

const (
	pixels      = Side * Side
	greyBytes   = pixels / 2     // 4 bits a pixel
	colourBytes = 3 * pixels / 2 // planes R, G, B
	maxDecoded  = 256 << 20      // of all chunks; the real ones come to 140 MB
)

// decoded is the file's content: packed grey images, packed colour images, "pack\tname" lines.
type decoded struct {
	grey, colour []byte
	lines        []string
}

// decode reads the file format: little-endian uint32 counts of grey images, colour images and
// chunks; then each chunk as its length and one zstd frame; the last chunk is the text.
func decode(file []byte) (*decoded, error) {
	if len(file) < 12 {
		return nil, damaged("it has %d bytes", len(file))
	}
	word := func(at int) int { return int(binary.LittleEndian.Uint32(file[at:])) }
	greys, colours, chunks := word(0), word(4), word(8)
	if greys > 1<<22 || colours > 1<<22 || chunks < 1 || chunks > 1<<16 {
		return nil, damaged("its header says %d grey and %d colour images in %d chunks", greys, colours, chunks)
	}
	body, text, err := frames(file[12:], chunks)
	if err != nil {
		return nil, err
	}
	want := greys*greyBytes + colours*colourBytes
	if len(body) != want {
		return nil, damaged("its images take %d bytes, the header says %d", len(body), want)
	}
	lines := strings.Split(text, "\n")
	if len(lines) != greys+colours {
		return nil, damaged("it names %d icons, the header says %d", len(lines), greys+colours)
	}
	return &decoded{grey: body[:greys*greyBytes], colour: body[greys*greyBytes:], lines: lines}, nil
}

// frames decodes the chunks: all but the last one after another, and the last as text.
func frames(rest []byte, chunks int) (body []byte, text string, err error) {
	reader, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxDecoded))
	if err != nil {
		return nil, "", fmt.Errorf("start the zstd decoder: %w", err)
	}
	defer reader.Close()
	for i := range chunks {
		if len(rest) < 4 {
			return nil, "", damaged("chunk %d of %d is missing", i+1, chunks)
		}
		n := int(binary.LittleEndian.Uint32(rest))
		if n > len(rest)-4 {
			return nil, "", damaged("chunk %d of %d is cut short", i+1, chunks)
		}
		frame := rest[4 : 4+n]
		rest = rest[4+n:]
		if i == chunks-1 {
			last, err := reader.DecodeAll(frame, nil)
			if err != nil {
				return nil, "", damaged("its names: %v", err)
			}
			return body, string(last), nil
		}
		if body, err = reader.DecodeAll(frame, body); err != nil {
			return nil, "", damaged("chunk %d of %d: %v", i+1, chunks, err)
		}
	}
	return nil, "", damaged("it has no chunks")
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("the embedded icons32.bin is damaged, build the program anew: %w: %s", sweep.ErrDataMissing, fmt.Sprintf(format, args...))
}
