package clip

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// Files of a folder that open_clip loads as local-dir:FOLDER.
const (
	openConfigFile  = "open_clip_config.json"
	openWeightsFile = "open_clip_model.safetensors"
)

// openConfig is open_clip_config.json.
type openConfig struct {
	Model      json.RawMessage `json:"model_cfg"`
	Preprocess preprocess      `json:"preprocess_cfg"`
}

// preprocess is how images become the model's input. What is not given is open_clip's default.
type preprocess struct {
	Mean          *[3]float32     `json:"mean,omitempty"`
	Std           *[3]float32     `json:"std,omitempty"`
	Interpolation string          `json:"interpolation,omitempty"`
	ResizeMode    string          `json:"resize_mode,omitempty"`
	Mode          string          `json:"mode,omitempty"`
	Size          json.RawMessage `json:"size,omitempty"` // always the model's
	FillColor     int             `json:"fill_color,omitempty"`
}

// readConfig reads the model and the preprocessing of a folder.
func (s *Saved) readConfig(dir string) error {
	path := filepath.Join(dir, openConfigFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var c openConfig
	if err := json.Unmarshal(text, &c); err != nil {
		return fmt.Errorf("%w: %s: %w", sweep.ErrBadInput, path, err)
	}
	o, err := sweep.ReadModel(c.Model)
	if err != nil {
		return fmt.Errorf("%w: model_cfg of %s: %w", sweep.ErrBadInput, path, err)
	}
	s.setModel(sweep.Model{Name: filepath.Base(dir), OpenCLIP: o})
	if err := c.Preprocess.apply(&s.Transform); err != nil {
		return fmt.Errorf("%w: preprocess_cfg of %s: %w", sweep.ErrBadInput, path, err)
	}
	return nil
}

func (p preprocess) apply(t *picture.Transform) error {
	for _, c := range []struct{ name, value, has string }{
		{"interpolation", p.Interpolation, "bicubic"}, {"resize_mode", p.ResizeMode, "shortest"}, {"mode", p.Mode, "RGB"},
	} {
		if c.value != "" && c.value != c.has {
			return fmt.Errorf("%s %q is not implemented; there is %q", c.name, c.value, c.has)
		}
	}
	if p.Mean != nil {
		t.Mean = *p.Mean
	}
	if p.Std != nil {
		t.Std = *p.Std
	}
	return t.Check()
}

// writeConfig writes what open_clip needs to load a model that was trained here.
func writeConfig(dir string, o sweep.OpenCLIP) error {
	model, err := json.Marshal(o)
	if err != nil {
		return err
	}
	mean, std := picture.OpenAI.Mean, picture.OpenAI.Std
	text, err := json.MarshalIndent(openConfig{Model: model, Preprocess: preprocess{Mean: &mean, Std: &std, Interpolation: "bicubic", ResizeMode: "shortest"}}, "", "  ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(dir, openConfigFile), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}
