package cli

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// initial gives the weights of --init, and makes them part of the run's id.
func (f *trainFlags) initial(run *sweep.Run) (func() ([]safetensors.Tensor, error), error) {
	if f.init == "" {
		return nil, nil
	}
	saved, err := clip.OpenSaved(f.init, &run.Model)
	if err != nil {
		return nil, usage("--init: %v", err)
	}
	tensors := saved.TensorsFor(run.Model)
	run.Init = fingerprint(tensors)
	if run.ID, err = sweep.RunID(*run); err != nil {
		return nil, err
	}
	return func() ([]safetensors.Tensor, error) { return tensors, nil }, nil
}

// fingerprint is the sha256 of tensors' names, shapes and numbers, however they were stored.
func fingerprint(tensors []safetensors.Tensor) string {
	h := sha256.New()
	var number [4]byte
	for _, t := range tensors {
		fmt.Fprintf(h, "%s %v\n", t.Name, t.Shape)
		for _, v := range t.Data {
			binary.LittleEndian.PutUint32(number[:], math.Float32bits(v))
			h.Write(number[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
