package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ReadModel reads an open_clip model configuration of a vision transformer with a text
// transformer: a file of its model_configs, or the model_cfg of an open_clip_config.json. An
// option that is not implemented is an error that names it, unless it says what is done
// anyway; so is one that is unknown, for it would be no part of the run's id. All are reported.
func ReadModel(text []byte) (*OpenCLIP, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	var fields map[string]json.RawMessage
	if err := d.Decode(&fields); errors.As(err, new(*json.UnmarshalTypeError)) || err == nil && fields == nil {
		return nil, errors.New("it is no JSON object of model options")
	} else if err != nil {
		return nil, fmt.Errorf("it is no whole JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is text behind the configuration")
	}
	if err := dropNeutral(fields); err != nil {
		return nil, err
	}
	kept, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	config := &OpenCLIP{}
	d = json.NewDecoder(bytes.NewReader(kept))
	d.DisallowUnknownFields()
	if err := d.Decode(config); err != nil {
		return nil, err
	}
	return config, config.validate()
}

// Bounds of a configuration's sizes; counts of parameters stay below 2^63 within them.
const (
	maxSize     = 1 << 17
	maxWords    = 1 << 24
	maxMLPRatio = 64
)

// validate wants every size that compute depends on, in range, and shapes that fit.
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
		{"text_cfg.context_length", t.ContextLength, 1, maxSize}, {"text_cfg.vocab_size", t.VocabSize, 4, maxWords},
		{"text_cfg.width", t.Width, 1, maxSize}, {"text_cfg.heads", t.Heads, 1, t.Width}, {"text_cfg.layers", t.Layers, 1, maxSize},
	}
	for _, s := range sizes {
		if s.n < s.low || s.n > s.high {
			return fmt.Errorf("%s is %d, outside %d to %d", s.name, s.n, s.low, s.high)
		}
	}
	return errors.Join(o.checkHeads(), checkRatio("vision_cfg", v.Width, v.MLPRatio), checkRatio("text_cfg", t.Width, t.MLPRatio),
		checkPool("vision_cfg", v.PoolType, "tok", "avg"), checkPool("text_cfg", t.PoolType, "argmax", "first", "last"))
}

// checkHeads wants widths that split into whole heads.
func (o *OpenCLIP) checkHeads() error {
	v, t := o.Vision, o.Text
	if n := v.Heads(); n == 0 || v.Width%n != 0 {
		return fmt.Errorf("vision_cfg.width %d makes %d heads of vision_cfg.head_width %d (default 64), which does not divide it", v.Width, n, v.HeadWidth)
	}
	if t.Width%t.Heads != 0 {
		return fmt.Errorf("text_cfg.width %d is no multiple of text_cfg.heads %d", t.Width, t.Heads)
	}
	return nil
}

func checkRatio(tower string, width int, ratio float64) error {
	if !(ratio >= 0 && ratio <= maxMLPRatio) {
		return fmt.Errorf("%s.mlp_ratio is %g, outside 0 to %d", tower, ratio, maxMLPRatio)
	}
	if mlp(width, ratio) == 0 {
		return fmt.Errorf("%s.mlp_ratio %g of width %d leaves nothing", tower, ratio, width)
	}
	return nil
}

func checkPool(tower, pool string, has ...string) error {
	if pool != "" && !slices.Contains(has, pool) {
		return fmt.Errorf("%s.pool_type %q is not implemented; there are %q", tower, pool, has)
	}
	return nil
}
