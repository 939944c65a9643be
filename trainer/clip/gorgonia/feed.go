package gorgonia

import (
	"fmt"

	G "gorgonia.org/gorgonia"

	"github.com/scalelaw/scalelaw/sweep"
)

// feed sets the graph's inputs from images [batch, 3, side, side] and ids [batch, context].
func (m *Model[T]) feed(images []float32, ids []int32) error {
	v, t := m.config.Vision, m.config.Text
	rows := m.batch * t.ContextLength
	hot, ends := make([]T, rows*t.VocabSize), make([]T, m.batch*rows)
	for i, id := range ids[:rows] {
		if id < 0 || int(id) >= t.VocabSize {
			return fmt.Errorf("%w: id %d is outside the vocabulary of %d", sweep.ErrBadInput, id, t.VocabSize)
		}
		hot[i*t.VocabSize+int(id)] = 1
	}
	for s := range m.batch {
		ends[s*rows+s*t.ContextLength+pooled(t, ids[s*t.ContextLength:][:t.ContextLength])] = 1
	}
	positions := m.batch * v.Grid() * v.Grid()
	for _, in := range []struct {
		node          *G.Node
		data          []T
		rows, columns int
	}{
		{m.patches, cut[T](images, v, m.batch), positions, 3 * v.PatchSize * v.PatchSize},
		{m.words, hot, rows, t.VocabSize}, {m.ends, ends, m.batch, rows},
	} {
		if err := G.Let(in.node, matrix(in.data, in.rows, in.columns)); err != nil {
			return fmt.Errorf("feed the graph: %w", err)
		}
	}
	return nil
}

// pooled is which token of a text stands for it.
func pooled(t sweep.TextTower, ids []int32) int {
	switch t.PoolType {
	case "first":
		return 0
	case "last":
		return len(ids) - 1
	}
	end := 0
	for i, id := range ids {
		if id > ids[end] {
			end = i
		}
	}
	return end
}

// cut gives the patches of images: [batch*grid*grid, 3*patch*patch].
func cut[T real](images []float32, v sweep.VisionTower, batch int) []T {
	side, patch, grid := v.ImageSize, v.PatchSize, v.Grid()
	var all []T
	for s := range batch {
		for p := range grid * grid {
			for k := range 3 * patch * patch {
				c, y, x := k/(patch*patch), p/grid*patch+k/patch%patch, p%grid*patch+k%patch
				all = append(all, T(images[((s*3+c)*side+y)*side+x]))
			}
		}
	}
	return all
}
