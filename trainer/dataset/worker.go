package dataset

import (
	"fmt"
	"io"
	"os"

	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// worker decodes and transforms images, with memory of its own that it uses again.
type worker struct {
	*loader
	full, small picture.Image
	resizer     picture.Resizer
	tensor      *picture.Tensor
	draw        *generator
}

func newWorker(l *loader) *worker {
	return &worker{loader: l, tensor: picture.NewTensor(l.options.Transform), draw: newGenerator()}
}

func (w *worker) run() {
	for j := range w.work {
		if w.ctx.Err() == nil {
			j.err = w.do(j)
		}
		w.pool.put(j.image)
		j.image = nil
		j.done <- struct{}{}
	}
}

// do fills the job's tensor. Its random crop depends on seed, pass and the pair's place in it.
func (w *worker) do(j *job) (err error) {
	if j.bad != nil {
		return j.bad
	}
	if j.path != "" {
		if j.image, err = w.readFile(j.path); err != nil {
			return err
		}
	}
	if err := picture.Decode(&w.full, j.image, w.set.options.MaxPixels); err != nil {
		return err
	}
	w.draw.reset(w.options.Seed, drawCrop, j.after.Pass, j.after.Read)
	w.options.Transform.Apply(&w.resizer, &w.small, &w.full, w.draw.Rand)
	if w.options.Bytes {
		picture.Planes(j.planes, &w.small)
	} else {
		w.tensor.Normalize(j.tensor, &w.small)
	}
	return nil
}

// readFile reads an image that a table names. What is no regular file could block for ever.
func (w *worker) readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if limit := w.set.options.MaxMemberBytes; !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%s is no file, or one of more than %d bytes (it has %d)", path, limit, info.Size())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := w.pool.get(int(info.Size()))
	_, err = io.ReadFull(f, data)
	return data, err
}
