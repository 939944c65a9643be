package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// maxTiles keeps a contact sheet below a hundred million pixels.
const maxTiles = 4096

func (a *app) dataSheetCommand() *cobra.Command {
	f := &fileFlags{}
	var n int
	var split, out string
	c := &cobra.Command{
		Use: "sheet NAME|FILES", Short: "A contact sheet: the first pictures of a data set with their captions", Args: exactly("a data set"),
		Example: "  scalelaw data sheet icons-6k --n 64 --split test --out sheet.png",
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" || n < 1 || n > maxTiles {
				return usage("--out FILE.png and --n between 1 and %d are needed", maxTiles)
			}
			tiles, err := sheetTiles(c.Context(), args[0], split, n, f)
			if err != nil {
				return err
			}
			if err := writePNG(out, dataset.Sheet(tiles)); err != nil {
				return fmt.Errorf("write the sheet %s: %w", out, err)
			}
			t := &table{header: []string{"file", "pictures"}}
			t.add(out, len(tiles))
			return a.print(map[string]any{"file": out, "pictures": len(tiles)}, t)
		},
	}
	f.add(c.Flags())
	c.Flags().IntVar(&n, "n", 64, "pictures")
	c.Flags().StringVar(&split, "split", "train", "of the icons: train, test, test-all, emoji, pixel, colour, retrieval")
	c.Flags().StringVar(&out, "out", "", "png file to write")
	return c
}

func sheetTiles(ctx context.Context, name, split string, n int, f *fileFlags) ([]dataset.Tile, error) {
	if sweep.IsDataFiles(name) {
		return fileTiles(ctx, name, n, f)
	}
	icons, err := openIcons(name, split)
	if err != nil {
		return nil, err
	}
	var tiles []dataset.Tile
	for _, i := range icons.items[:min(n, len(icons.items))] {
		tiles = append(tiles, dataset.Tile{Image: icons.set.Image(i), Caption: icons.set.Caption(i)})
	}
	return tiles, nil
}

// tilePixels is the size in which pictures of files are put on a sheet: as a tower would see
// them, the centre of the picture.
const tilePixels = 96

func fileTiles(ctx context.Context, pattern string, n int, f *fileFlags) ([]dataset.Tile, error) {
	set, err := f.open(pattern)
	if err != nil {
		return nil, err
	}
	feed, err := set.Tolerant().Feed(ctx, dataset.FeedOptions{Transform: picture.Evaluation(tilePixels), Batch: n, Once: true, Bytes: true, Order: dataset.Sequential})
	if err != nil {
		return nil, err
	}
	defer feed.Close()
	b, err := feed.Next(ctx)
	if err != nil {
		return nil, err
	}
	tiles := make([]dataset.Tile, b.N)
	const plane = tilePixels * tilePixels
	for k := range tiles {
		img := image.NewRGBA(image.Rect(0, 0, tilePixels, tilePixels))
		for i := range plane {
			p := b.Bytes[3*k*plane+i:]
			copy(img.Pix[4*i:], []uint8{p[0], p[plane], p[2*plane], 255})
		}
		tiles[k] = dataset.Tile{Image: img, Caption: b.Captions[k]}
	}
	return tiles, nil
}

// writePNG writes a picture whole or not at all.
func writePNG(name string, img image.Image) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".sheet-*.png")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is there any more after the renaming
	if err := errors.Join(png.Encode(f, img), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
