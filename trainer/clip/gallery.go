package clip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// galleryMACs bounds what a gallery embeds when it is made: multiply-adds of a forward pass, a
// few seconds on one core. A model that takes more for each image sees fewer of them.
const galleryMACs = 1e11

// Gallery is held-out icons as a checkpoint sees them: their embeddings beside those of the
// classes' prompts. It is safe for use by several goroutines.
type Gallery struct {
	items   []int
	labels  []int
	images  []float32 // [items, dims]
	classes []float32 // [classes, dims]

	mu sync.Mutex // of the evaluator
	e  *evaluator
}

// Match is something that was found, and the cosine that it was found by.
type Match struct {
	Index  int // an icon of the set, or a class
	Text   string
	Cosine float64
}

// Gallery embeds the icons of the split test with the weights of a checkpoint, as many of them
// as a few seconds of a core allow, evenly over the split.
func (t Trainer) Gallery(ctx context.Context, job trainer.EvalJob) (*Gallery, error) {
	weights, err := readFile(job.Weights)
	if err != nil {
		return nil, fmt.Errorf("look through run %s: %w", job.Run.ID, err)
	}
	e, err := t.newEvaluator(job.Run.Model, weights.Tensors, t.Place, job.Threads)
	if err != nil {
		return nil, fmt.Errorf("look through run %s: %w", job.Run.ID, err)
	}
	g := &Gallery{e: e}
	if err := g.fill(job.Run.Model); err != nil {
		return nil, errors.Join(fmt.Errorf("look through run %s: %w", job.Run.ID, err), g.Close())
	}
	return g, context.Cause(ctx)
}

func (g *Gallery) fill(m sweep.Model) error {
	items, labels, err := g.e.set.Labelled("test")
	if err != nil {
		return err
	}
	for i := 0; i < len(items); i += stride(m, len(items)) {
		g.items, g.labels = append(g.items, items[i]), append(g.labels, labels[i])
	}
	if g.images, err = g.e.images(g.items); err != nil {
		return err
	}
	if g.classes, err = g.e.classVectors(); err != nil {
		return err
	}
	return errors.Join(allFinite(g.images), allFinite(g.classes))
}

// stride is how far apart the icons are that a gallery of a model takes of n: it sees 16 at least.
func stride(m sweep.Model, n int) int {
	most := max(16, int(galleryMACs/(1e9*m.GMACs().Total())))
	return 1 + (n-1)/most
}

// Icons are the icons that were embedded, by their number in the set.
func (g *Gallery) Icons() []int { return g.items }

// Class is the class of icon k of Icons.
func (g *Gallery) Class(k int) string { return icons32.Classes()[g.labels[k]] }

// Texts are the n classes whose prompts are nearest to icon k of Icons.
func (g *Gallery) Texts(k, n int) []Match {
	dims := g.e.shape.dims
	found := nearest(g.classes, g.images[k*dims:][:dims], n)
	for i := range found {
		found[i].Text = icons32.Classes()[found[i].Index]
	}
	return found
}

// Search gives the n icons nearest to some words, and the words that the model knows: of a
// ladder model those of its vocabulary, of others all.
func (g *Gallery) Search(text string, n int) (found []Match, known []string, err error) {
	words := strings.Fields(strings.ToLower(text))
	if known = g.e.vocabulary(words); len(known) == 0 {
		return nil, nil, fmt.Errorf("%w: the model knows none of the words %q", sweep.ErrBadInput, text)
	}
	g.mu.Lock()
	vector, err := g.e.texts([][]string{words})
	g.mu.Unlock()
	if err == nil {
		err = allFinite(vector)
	}
	if err != nil {
		return nil, nil, err
	}
	found = nearest(g.images, vector, n)
	for i := range found {
		found[i].Index = g.items[found[i].Index]
		found[i].Text = g.e.set.Caption(found[i].Index)
	}
	return found, known, nil
}

// Close gives back the memory.
func (g *Gallery) Close() error { return g.e.device.Close() }

// vocabulary are the words that the model has a meaning for.
func (e *evaluator) vocabulary(words []string) []string {
	if _, ladder := e.intake.(ladderIntake); !ladder {
		return words
	}
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !e.set.Known(w) })
}

// nearest are the n rows of among [m, dims] with the largest cosine with x, all unit vectors.
func nearest(among, x []float32, n int) []Match {
	all := make([]Match, 0, len(among)/len(x))
	for row := range slices.Chunk(among, len(x)) {
		var cosine float64
		for i, v := range row {
			cosine += float64(v) * float64(x[i])
		}
		all = append(all, Match{Index: len(all), Cosine: cosine})
	}
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Compare(b.Cosine, a.Cosine) })
	return all[:min(n, len(all))]
}
