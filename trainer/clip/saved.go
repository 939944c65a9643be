package clip

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/ladder"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/clip/torchfile"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// Saved is a trained model: what it is, and its weights.
type Saved struct {
	Run       sweep.Run // of a model that was trained elsewhere only Model is known
	Transform picture.Transform
	Tensors   []safetensors.Tensor
	Assumed   bool // the model was told from its shapes alone
}

// OpenSaved opens a model: a folder that train wrote, a folder with open_clip's
// open_clip_config.json, or a file with weights (.pt, .bin, .safetensors). What a file holds is
// said by model, or, when that is nil, by the open_clip_config.json beside it or in the folder
// above, by the params.txt of open_clip's training program there, or by the one model of the
// catalogue that has its shapes. Positions of another image or text size are resized to the
// model's, as open_clip does it.
func OpenSaved(path string, model *sweep.Model) (*Saved, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w: %w", sweep.ErrBadInput, err)
	}
	s := &Saved{}
	if info.IsDir() {
		err = s.openFolder(path, model)
	} else {
		err = s.openFile(path, model)
	}
	if err != nil {
		return nil, fmt.Errorf("open model %s: %w", path, err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("open model %s as %s: %w", path, s.Run.Model.Name, err)
	}
	return s, nil
}

// check wants weights that are the model's.
func (s *Saved) check() error {
	if o := s.Run.Model.OpenCLIP; o != nil {
		s.Tensors = s.TensorsFor(s.Run.Model)
		return openclip.Check(*o, s.Tensors)
	}
	if s.Run.Model.Ladder == nil {
		return fmt.Errorf("model %s: %w: it has no architecture", s.Run.Model.Name, sweep.ErrBadInput)
	}
	return ladder.CheckWeights(*s.Run.Model.Ladder, s.Tensors)
}

// TensorsFor are the weights for another model to begin with, whose images or texts may have
// another size.
func (s *Saved) TensorsFor(m sweep.Model) []safetensors.Tensor {
	if m.OpenCLIP == nil {
		return s.Tensors
	}
	return openclip.Resized(*m.OpenCLIP, s.Tensors)
}

// openFolder reads one that train wrote, or one of open_clip's.
func (s *Saved) openFolder(dir string, model *sweep.Model) (err error) {
	switch s.Run, err = ReadRun(dir); {
	case err == nil:
		if o := s.Run.Model.OpenCLIP; o != nil {
			s.Transform = picture.Evaluation(o.Vision.ImageSize)
		}
		s.Tensors, err = ReadTensors(filepath.Join(dir, weightsName(s.Run)))
		return err
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if model != nil {
		s.setModel(*model)
	} else if err := s.readConfig(dir); err != nil {
		return err
	}
	for _, name := range []string{openWeightsFile, "open_clip_pytorch_model.bin"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			s.Tensors, err = ReadTensors(filepath.Join(dir, name))
			return err
		}
	}
	return fmt.Errorf("%w: the folder has no %s", sweep.ErrBadInput, openWeightsFile)
}

func (s *Saved) openFile(path string, model *sweep.Model) (err error) {
	if s.Tensors, err = ReadTensors(path); err != nil {
		return err
	}
	if model != nil {
		s.setModel(*model)
		return nil
	}
	beside, above := filepath.Dir(path), filepath.Dir(filepath.Dir(path))
	for _, find := range []func() error{
		func() error { return s.readConfig(beside) }, func() error { return s.readConfig(above) },
		func() error { return s.readParams(above) }, s.matchCatalogue,
	} {
		if err := find(); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return fmt.Errorf("%w: nothing says which model it is: give --model NAME or FILE, or put its %s beside it", sweep.ErrBadInput, openConfigFile)
}

func (s *Saved) setModel(m sweep.Model) {
	s.Run.Model = m
	if m.OpenCLIP != nil {
		s.Transform = picture.Evaluation(m.OpenCLIP.Vision.ImageSize)
	}
}

// readParams takes the model that open_clip's training program wrote into params.txt.
func (s *Saved) readParams(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "params.txt"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "model: ")
		if !ok {
			continue
		}
		if folder, local := strings.CutPrefix(name, "local-dir:"); local {
			return s.readConfig(folder)
		}
		m, known := sweep.LookupModel(strings.ReplaceAll(name, "/", "-"))
		if !known {
			return fmt.Errorf("%w: params.txt says model %s, which is not in the catalogue: give --model FILE", sweep.ErrBadInput, name)
		}
		s.setModel(m)
		return nil
	}
	return fs.ErrNotExist
}

// matchCatalogue takes the one model of the catalogue that has the weights' shapes.
func (s *Saved) matchCatalogue() error {
	for _, m := range sweep.Models() {
		if m.OpenCLIP != nil && openclip.Check(*m.OpenCLIP, s.Tensors) == nil {
			s.setModel(m)
			s.Assumed = true
			return nil
		}
	}
	return fs.ErrNotExist
}

// ReadTensors reads the weights of a file: safetensors, or torch.save's by the ending .pt, .pth
// or .bin.
func ReadTensors(path string) ([]safetensors.Tensor, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	switch filepath.Ext(path) {
	case ".pt", ".pth", ".bin":
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		tensors, err := torchfile.Read(file, info.Size())
		return tensors, badFile(path, err)
	}
	f, err := safetensors.Read(io.Reader(file))
	return f.Tensors, badFile(path, err)
}

// badFile makes an unreadable file bad input.
func badFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s: %w", sweep.ErrBadInput, path, err)
}
