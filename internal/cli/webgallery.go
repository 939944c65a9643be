package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/web"
)

// keptGalleries is how many galleries are kept; one of the ladder takes a few megabytes.
const keptGalleries = 8

// galleries are those that were looked at last.
type galleries struct {
	mu   sync.Mutex // held while one is made, so that no two are at once
	kept []*kept    // the oldest first
}

type kept struct {
	weights string       // sha256
	use     sync.RWMutex // held for writing to close it
	closed  bool
	*clip.Gallery
}

// Gallery implements web.Reader.
func (b *backend) Gallery(ctx context.Context, runID string) (web.Gallery, error) {
	run, err := b.Run(ctx, runID)
	if err != nil {
		return nil, err
	}
	if run.Trainer != sweep.TrainerClip {
		return nil, fmt.Errorf("look through run %s: %w: the trainer %s keeps no weights that this program can use", shortID(runID), sweep.ErrUnsupported, run.Trainer)
	}
	checkpoints, err := b.Checkpoints(ctx, runID)
	if err != nil {
		return nil, err
	}
	checkpoints = slices.DeleteFunc(checkpoints, func(c sweep.Checkpoint) bool { return !c.Kept })
	if len(checkpoints) == 0 {
		return nil, fmt.Errorf("look through run %s: %w: it has kept no checkpoint yet", shortID(runID), sweep.ErrUnsupported)
	}
	return b.galleryOf(ctx, run, checkpoints[len(checkpoints)-1])
}

func (b *backend) galleryOf(ctx context.Context, run sweep.Run, c sweep.Checkpoint) (web.Gallery, error) {
	g := &b.galleries
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range g.kept {
		if k.weights == c.Weights.SHA256 {
			return k, nil
		}
	}
	files, err := b.session.app.artifacts()
	if err != nil {
		return nil, err
	}
	engine := b.session.app.engine()
	engine.Place = clip.Place{CPU: true} // GPUs are for runs
	made, err := clip.Trainer{Engine: engine}.Gallery(ctx, trainer.EvalJob{
		Run: run, Weights: func() (io.ReadCloser, error) { return files.Get(ctx, c.Weights) },
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	if err != nil {
		return nil, err
	}
	k := &kept{weights: c.Weights.SHA256, Gallery: made}
	g.kept = append(g.kept, k)
	if len(g.kept) > keptGalleries {
		err = g.kept[0].close()
		g.kept = g.kept[1:]
	}
	return k, err
}

func (k *kept) close() error {
	k.use.Lock()
	defer k.use.Unlock()
	k.closed = true
	return k.Gallery.Close()
}

// Len implements web.Gallery.
func (k *kept) Len() int { return len(k.Icons()) }

// Seen implements web.Gallery.
func (k *kept) Seen(i, texts int) web.Seen {
	s := web.Seen{Icon: k.Icons()[i], Class: k.Class(i)}
	for _, m := range k.Texts(i, texts) {
		s.Texts = append(s.Texts, web.Near{Text: m.Text, Cosine: m.Cosine, Right: m.Text == s.Class})
	}
	return s
}

var errClosed = errors.New("the gallery was put away; ask again")

// Search implements web.Gallery.
func (k *kept) Search(words string, n int) ([]web.Found, []string, error) {
	k.use.RLock()
	defer k.use.RUnlock()
	if k.closed {
		return nil, nil, fmt.Errorf("%w: %w", sweep.ErrUnreachable, errClosed)
	}
	found, known, err := k.Gallery.Search(words, n)
	var out []web.Found
	for _, m := range found {
		out = append(out, web.Found{Icon: m.Index, Caption: m.Text, Cosine: m.Cosine})
	}
	return out, known, err
}
