package dataset

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scalelaw/scalelaw/sweep"
)

// sizesFile is where open_clip looks for the number of samples of each shard of a folder.
const sizesFile = "sizes.json"

// Count is what one file holds, by its members' names (and its json members where captions are
// there); whether images can be decoded is not looked at.
type Count struct {
	File       string `json:"file"`
	Bytes      int64  `json:"bytes"`
	Pairs      int64  `json:"pairs"`
	Incomplete int64  `json:"incomplete"` // keys without image or without caption
	Labelled   int64  `json:"labelled"`   // pairs with a class
}

// Count goes through one file of the set.
func (s *Set) Count(ctx context.Context, file int) (Count, error) {
	name := s.Files[file]
	info, err := os.Stat(name)
	if err != nil {
		return Count{}, fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	c := Count{File: name, Bytes: info.Size()}
	if s.listing != nil {
		err := s.listing.count(ctx, &c)
		return c, err
	}
	r, err := openShard(name, s.options)
	if err != nil {
		return c, err
	}
	defer r.Close()
	r.names = true
	for ctx.Err() == nil {
		p, err := r.next()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return c, err
		}
		if p.complete {
			c.Pairs++
			if p.label >= 0 {
				c.Labelled++
			}
		} else {
			c.Incomplete++
		}
	}
	return c, context.Cause(ctx)
}

// Pairs is how many pairs the set has: by the sizes.json beside the shards where it names them
// all, else counted.
func (s *Set) Pairs(ctx context.Context) (int64, error) {
	if n, ok := s.statedPairs(); ok {
		return n, nil
	}
	var pairs int64
	for i := range s.Files {
		c, err := s.Count(ctx, i)
		if err != nil {
			return 0, err
		}
		pairs += c.Pairs
	}
	return pairs, nil
}

func (s *Set) statedPairs() (pairs int64, ok bool) {
	folders := map[string]map[string]int64{}
	for _, f := range s.Files {
		dir, name := filepath.Split(f)
		if folders[dir] == nil {
			text, err := os.ReadFile(filepath.Join(dir, sizesFile))
			sizes := map[string]int64{}
			if err != nil || json.Unmarshal(text, &sizes) != nil {
				return 0, false
			}
			folders[dir] = sizes
		}
		n, there := folders[dir][name]
		if !there || n < 0 {
			return 0, false
		}
		pairs += n
	}
	return pairs, pairs > 0
}
