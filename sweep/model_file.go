package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// readModel reads an open_clip model configuration of a vision transformer with a text
// transformer. A field that it does not know is an error: it may change the compute, and it
// would be no part of the run's id.
func readModel(text []byte) (*OpenCLIP, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	config := &OpenCLIP{}
	if err := d.Decode(config); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is text behind the configuration")
	}
	return config, config.validate()
}

// Bounds of a configuration's sizes; counts of parameters stay below 2^63 within them.
const (
	maxSize     = 1 << 17
	maxWords    = 1 << 24
	maxMLPRatio = 64
)

// validate wants every size that compute depends on, in range.
func (o *OpenCLIP) validate() error {
	v, t := o.Vision, o.Text
	sizes := []struct {
		name         string
		n, low, high int
	}{
		{"embed_dim", o.EmbedDim, 1, maxSize},
		{"vision_cfg.image_size", v.ImageSize, 1, maxSize}, {"vision_cfg.patch_size", v.PatchSize, 1, v.ImageSize},
		{"vision_cfg.layers", v.Layers, 1, maxSize}, {"vision_cfg.width", v.Width, 1, maxSize},
		{"vision_cfg.head_width", v.HeadWidth, 0, v.Width}, {"vision_cfg.channels", v.Channels, 0, 1024},
		{"text_cfg.context_length", t.ContextLength, 1, maxSize}, {"text_cfg.vocab_size", t.VocabSize, 1, maxWords},
		{"text_cfg.width", t.Width, 1, maxSize}, {"text_cfg.heads", t.Heads, 1, t.Width}, {"text_cfg.layers", t.Layers, 1, maxSize},
	}
	for _, s := range sizes {
		if s.n < s.low || s.n > s.high {
			return fmt.Errorf("%s is %d, outside %d to %d", s.name, s.n, s.low, s.high)
		}
	}
	return errors.Join(checkRatio("vision_cfg", v.MLPRatio), checkRatio("text_cfg", t.MLPRatio))
}

func checkRatio(tower string, ratio float64) error {
	if !(ratio >= 0 && ratio <= maxMLPRatio) {
		return fmt.Errorf("%s.mlp_ratio is %g, outside 0 to %d", tower, ratio, maxMLPRatio)
	}
	return nil
}
