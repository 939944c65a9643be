package clip

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// embedRows is how many samples are embedded at once by hand.
const embedRows = 16

// Embedder embeds image files and texts with a saved model. One goroutine uses it at a time.
type Embedder struct {
	model     *openclip.Embedder
	device    op.Device
	dims      int
	transform picture.Transform
	tensor    *picture.Tensor
	resizer   picture.Resizer
	src, dst  picture.Image
	images    []float32 // [embedRows, 3, side, side]
}

// Embedder prepares a saved model of open_clip's to embed, at the engine's place and in fp32.
func (e Engine) Embedder(s *Saved, threads int) (*Embedder, error) {
	o := s.Run.Model.OpenCLIP
	if o == nil {
		return nil, fmt.Errorf("model %s: %w: only open_clip's models embed files; the icons-* ladder takes icons and their words", s.Run.Model.Name, sweep.ErrUnsupported)
	}
	device, err := e.one(need{place: e.Place, threads: threads})
	if err != nil {
		return nil, err
	}
	m, err := openclip.NewEmbedder(*o, device, embedRows, s.Tensors)
	if err != nil {
		return nil, errors.Join(err, device.Close())
	}
	side := s.Transform.Size
	return &Embedder{
		model: m, device: device, dims: o.EmbedDim, transform: s.Transform, tensor: picture.NewTensor(s.Transform), images: make([]float32, embedRows*3*side*side),
	}, nil
}

// Images gives the unit vectors of image files, in their order.
func (e *Embedder) Images(ctx context.Context, files []string) ([][]float32, error) {
	return e.all(ctx, files, func(dst []float32, some []string) error {
		size := 3 * e.transform.Size * e.transform.Size
		for k, path := range some {
			if err := e.image(e.images[k*size:][:size], path); err != nil {
				return fmt.Errorf("embed image %s: %w", path, err)
			}
		}
		return e.model.Images(dst, e.images, len(some))
	})
}

func (e *Embedder) image(dst []float32, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: %w", sweep.ErrBadInput, err)
	}
	if err := picture.Decode(&e.src, data, picture.MaxPixels); err != nil {
		return fmt.Errorf("%w: %w", sweep.ErrBadInput, err)
	}
	e.transform.Apply(&e.resizer, &e.dst, &e.src, nil)
	e.tensor.Normalize(dst, &e.dst)
	return nil
}

// Texts gives the unit vectors of texts, in their order.
func (e *Embedder) Texts(ctx context.Context, texts []string) ([][]float32, error) {
	return e.all(ctx, texts, e.model.Texts)
}

func (e *Embedder) all(ctx context.Context, inputs []string, embed func([]float32, []string) error) ([][]float32, error) {
	rows := [][]float32{}
	for some := range slices.Chunk(inputs, embedRows) {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		dst := make([]float32, len(some)*e.dims)
		if err := errors.Join(embed(dst, some), allFinite(dst)); err != nil {
			return nil, err
		}
		rows = slices.AppendSeq(rows, slices.Chunk(dst, e.dims))
	}
	return rows, nil
}

// LogitScale is the factor of the cosines.
func (e *Embedder) LogitScale() (float64, error) {
	scale, err := e.model.LogitScale()
	if err == nil && finite(scale) == nil {
		err = fmt.Errorf("%w: the model's logit scale is %g: its weights are damaged, or they diverged", sweep.ErrBadInput, scale)
	}
	return scale, err
}

// Close gives back the memory.
func (e *Embedder) Close() error { return e.model.Close() }
