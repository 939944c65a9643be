package openclip

import (
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/bpe"
)

// Texts turns captions into the ids of a text tower: open_clip's, when its vocabulary has them.
// A smaller vocabulary, which open_clip's tokenizer does not fit, gets them folded (feature
// hashing, Weinberger et al. 2009): 0 stays padding, the marks of start and end become the two
// largest ids, and id i becomes 1 + i mod (vocabulary - 3).
type Texts struct {
	tokenizer *bpe.Tokenizer
	vocab     int32
}

// NewTexts makes the tokenizer of a text tower.
func NewTexts(t sweep.TextTower) (*Texts, error) {
	tokenizer, err := bpe.New()
	return &Texts{tokenizer, int32(t.VocabSize)}, err
}

// Tokens writes a text as a row of len(dst) ids.
func (t *Texts) Tokens(dst []int32, text string) {
	t.tokenizer.Tokens(dst, text)
	if t.vocab >= bpe.VocabSize {
		return
	}
	end := len(dst) - 1
	for end > 0 && dst[end] != bpe.End {
		end--
	}
	for i, id := range dst[:min(end+1, len(dst))] {
		switch id {
		case bpe.Start:
			dst[i] = t.vocab - 2
		case bpe.End:
			dst[i] = t.vocab - 1
		default:
			dst[i] = 1 + id%(t.vocab-3)
		}
	}
}
