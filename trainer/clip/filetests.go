package clip

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset"
)

// Tasks of test sets of files.
const (
	zeroShotTask      = "zeroshot"
	fileRetrievalTask = "retrieval"
)

// FileScores are the scores on a test set of files, and how many of its samples were left out.
type FileScores struct {
	Scores     []sweep.Score
	Incomplete int64 // no image, or no class or caption
	Bad        int64 // images that cannot be decoded
}

// Classify does zero-shot classification of a test set (Radford et al. 2021, section 3.1.4): an
// image is of the class whose vector, the normalised mean of its prompts' unit vectors, is
// nearest. Images are preprocessed as the saved model says.
func (e *Embedder) Classify(ctx context.Context, c *dataset.Classification, threads int) (FileScores, error) {
	var prompts []string
	for class := range c.Classes {
		prompts = append(prompts, c.Prompts(class)...)
	}
	texts, err := e.Texts(ctx, prompts)
	if err != nil {
		return FileScores{}, fmt.Errorf("embed the prompts of %q: %w", c.Set.Pattern, err)
	}
	classes := meanVectors(slices.Concat(texts...), e.dims, len(c.Templates))
	var labels []int
	images, result, err := e.read(ctx, c.Set, threads, func(b *dataset.Batch) error {
		labels = append(labels, b.Labels[:b.N]...)
		for i, label := range b.Labels[:b.N] {
			if err := c.CheckLabel(label, b.Members[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return FileScores{}, err
	}
	all, err := classified(e.device, e.dims, images, classes, labels)
	if err != nil {
		return FileScores{}, err
	}
	result.Scores = named(meanOf([]*classification{all}), zeroShotTask, revisionOf(c))
	return result, nil
}

// revisionOf tells classification sets apart: by their files, names and templates.
func revisionOf(c *dataset.Classification) string {
	sum := sha256.Sum256([]byte(strings.Join(c.Classes, "\n") + "\n\n" + strings.Join(c.Templates, "\n")))
	return c.Set.Revision + "-" + hex.EncodeToString(sum[:4])
}

// Retrieve finds each caption's image among all images of a set, and each image's caption among
// all captions: see recalls. Only the pair's own counts, also where two captions are equal.
func (e *Embedder) Retrieve(ctx context.Context, set *dataset.Set, threads int) (FileScores, error) {
	var texts []float32
	images, result, err := e.read(ctx, set, threads, func(b *dataset.Batch) error {
		some, err := e.Texts(ctx, b.Captions[:b.N])
		texts = append(texts, slices.Concat(some...)...)
		return err
	})
	if err != nil {
		return FileScores{}, err
	}
	scores, err := recalls(e.device, e.dims, images, texts, len(images)/e.dims)
	result.Scores = named(scores, fileRetrievalTask, set.Revision)
	return result, err
}

// read embeds the images of a whole set in order, [n, dims], and lets see look at each batch.
func (e *Embedder) read(ctx context.Context, set *dataset.Set, threads int, see func(*dataset.Batch) error) (all []float32, result FileScores, err error) {
	feed, err := set.Feed(ctx, dataset.FeedOptions{Transform: e.transform, Batch: embedRows, Once: true, Order: dataset.Sequential, Workers: threads})
	if err != nil {
		return nil, result, err
	}
	defer feed.Close()
	for {
		b, err := feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			total := feed.Position().Total
			result.Incomplete, result.Bad = total.Incomplete, total.Bad
			return all, result, nil
		}
		if err != nil {
			return nil, result, err
		}
		if err := see(b); err != nil {
			return nil, result, err
		}
		at := len(all)
		all = append(all, make([]float32, b.N*e.dims)...)
		if err := e.model.Images(all[at:], b.Images, b.N); err != nil {
			return nil, result, fmt.Errorf("embed data %q: %w", set.Pattern, err)
		}
	}
}
