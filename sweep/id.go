package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// identity is what decides a run's weights, in the order in which it is hashed. A field that
// is added needs `omitempty`, so that the ids of older runs stay.
type identity struct {
	Trainer     string    `json:"trainer"`
	Revision    string    `json:"revision"`
	Ladder      *Ladder   `json:"ladder,omitempty"`
	OpenCLIP    *OpenCLIP `json:"openclip,omitempty"`
	Data        string    `json:"data"`
	DataRev     string    `json:"data_revision"`
	SamplesSeen int64     `json:"samples_seen"` // whole batches, as trained
	Seed        int64     `json:"seed"`
	Recipe      Recipe    `json:"recipe"`
	Init        string    `json:"init,omitempty"`
	Surface     *Surface  `json:"surface,omitempty"`
}

// identical is the part of a recipe that decides the weights.
func (r Recipe) identical() Recipe {
	r.Placement = Placement{}
	return r
}

// RunID is the content hash of a run: the first 16 bytes of the sha256 of the JSON of all
// that decides its weights, as 32 hexadecimal digits. A model's name, where files lie, the
// number of kept checkpoints and the Placement do not enter it.
func RunID(r Run) (string, error) {
	text, err := json.Marshal(identity{
		Trainer: r.Trainer, Revision: r.TrainerRevision,
		Ladder: r.Model.Ladder, OpenCLIP: r.Model.OpenCLIP,
		Data: dataName(r.Data), DataRev: r.Data.Revision,
		SamplesSeen: r.ActualSamplesSeen, Seed: r.Seed, Recipe: r.Recipe.identical(), Init: r.Init, Surface: r.Surface,
	})
	if err != nil {
		return "", fmt.Errorf("hash run of model %s: %w", r.Model.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// dataName is the name of a data set of the catalogue; files are known by their revision, so
// that the same shards in another folder make the same run.
func dataName(d Dataset) string {
	if d.Source == SourceFiles {
		return SourceFiles
	}
	return d.Name
}
