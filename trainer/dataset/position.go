package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
)

// Position is where a feed stands: what it takes to go on with the very next pair. It is a few
// numbers, to be kept as JSON beside a checkpoint.
type Position struct {
	Of     string `json:"of"`     // data, seed and order that it belongs to
	Pass   int64  `json:"pass"`   // over the data, from 0
	Window cursor `json:"window"` // where the window begins that is being given
	Taken  int    `json:"taken"`  // pairs of that window already given or skipped as bad
	Read   int64  `json:"read"`   // pairs of this pass already given or skipped as bad
	Bad    int64  `json:"bad"`    // of them, bad

	Total Totals `json:"total"`
}

// Totals are counted over the whole feed, all passes.
type Totals struct {
	Pairs      int64 `json:"pairs"`      // given
	Incomplete int64 `json:"incomplete"` // skipped: without image or without caption
	Bad        int64 `json:"bad"`        // skipped: image missing, too large, not readable
}

// identity names what decides a feed's order, so that a position is not taken for another's.
func (s *Set) identity(seed int64, order Order) string {
	o := s.options
	text := fmt.Sprintf("%s seed %d %s labelled %t window %d %d keys %q %q member %d", s.Revision, seed, order, o.labelled, o.WindowPairs, o.WindowBytes, o.ImageKey, o.CaptionKey, o.MaxMemberBytes)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}

func (s *Set) checkPosition(p *Position, of string) error {
	if p.Of != of {
		return fmt.Errorf("%w: resume data %q: the position is one of other data, another seed, order or window: go on with what training began with", sweep.ErrBadInput, s.Pattern)
	}
	if p.Pass < 0 || p.Taken < 0 || p.Read < int64(p.Taken) || p.Bad < 0 || p.Bad > p.Read {
		return fmt.Errorf("%w: resume data %q: the position %+v cannot be", sweep.ErrBadInput, s.Pattern, *p)
	}
	return nil
}
