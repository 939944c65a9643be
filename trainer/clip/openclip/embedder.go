package openclip

import (
	"math"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Embedder gives the unit vectors of images and texts by a model's weights.
type Embedder struct {
	model *Model
	texts *Texts
	ids   []int32 // [batch, context]
}

// NewEmbedder makes one for batches of up to batch samples. It owns the device.
func NewEmbedder(o sweep.OpenCLIP, device op.Device, batch int, weights []safetensors.Tensor) (*Embedder, error) {
	texts, err := NewTexts(o.Text)
	if err != nil {
		return nil, err
	}
	m, err := New(o, device, dual.Use{Batch: batch})
	if err != nil {
		return nil, err
	}
	if err := m.SetWeights(weights); err != nil {
		return nil, err
	}
	return &Embedder{model: m, texts: texts, ids: make([]int32, batch*o.Text.ContextLength)}, nil
}

// Images writes the vectors [n, embed] of images [n, 3, side, side].
func (e *Embedder) Images(dst, images []float32, n int) error {
	return e.model.EmbedImages(dst, images, n)
}

// Texts writes the vectors [len(texts), embed].
func (e *Embedder) Texts(dst []float32, texts []string) error {
	context := e.model.config.Text.ContextLength
	for i, text := range texts {
		e.texts.Tokens(e.ids[i*context:][:context], text)
	}
	return e.model.EmbedTexts(dst, e.ids, len(texts))
}

// LogitScale is the factor of the cosines, exp of the parameter.
func (e *Embedder) LogitScale() (float64, error) {
	scale, err := e.model.LogitScale()
	return math.Exp(scale), err
}

// Close gives back the device's memory.
func (e *Embedder) Close() error { return e.model.device.Close() }
