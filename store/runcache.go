package store

import (
	"context"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
)

// runCache remembers runs as resolved. What a run is never changes (its id is the hash of it),
// so only their decoding is saved and nothing can be out of date.
type runCache struct {
	mu  sync.Mutex
	all map[string]sweep.Run
}

// cachedRuns bounds the cache: a run takes about 2 KB.
const cachedRuns = 20_000

// known gives the runs that are in the cache, and the ids of the others.
func (c *runCache) known(ids []string) (runs map[string]sweep.Run, missing []string) {
	runs = make(map[string]sweep.Run, len(ids))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if r, ok := c.all[id]; ok {
			runs[id] = r
		} else {
			missing = append(missing, id)
		}
	}
	return runs, missing
}

func (c *runCache) add(runs []sweep.Run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all)+len(runs) > cachedRuns {
		c.all = map[string]sweep.Run{}
	}
	for _, r := range runs[:min(len(runs), cachedRuns)] {
		c.all[r.ID] = r
	}
}

// runsByID reads many runs, those that were read before from memory. The runs are shared: what
// they point to must not be changed.
func (s *Store) runsByID(ctx context.Context, ids []string) (map[string]sweep.Run, error) {
	runs, missing := s.cache.known(ids)
	if len(missing) == 0 {
		return runs, nil
	}
	found, err := s.Runs(ctx, missing)
	if err != nil {
		return nil, err
	}
	s.cache.add(found)
	for _, r := range found {
		runs[r.ID] = r
	}
	return runs, nil
}
