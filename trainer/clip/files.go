package clip

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/dataset"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// files are the batches of a data set of shards or of a table, for one of open_clip's models.
type files struct {
	feed    *dataset.Feed
	texts   *openclip.Texts
	context int
	ids     []int32 // [batch, context]
}

func openFiles(ctx context.Context, run sweep.Run, workers int, position string) (*files, error) {
	o := run.Model.OpenCLIP
	texts, err := openclip.NewTexts(o.Text)
	if err != nil {
		return nil, err
	}
	set, err := dataset.OpenRun(run.Data)
	if err != nil {
		return nil, err
	}
	options := dataset.FeedOptions{Transform: picture.Training(o.Vision.ImageSize), Batch: run.Recipe.BatchSize, Seed: run.Seed, Order: dataset.Order(run.Recipe.Order), Workers: workers}
	if run.Recipe.Augment != "" {
		options.Transform = picture.Evaluation(o.Vision.ImageSize)
	}
	if position != "" {
		options.Resume = &dataset.Position{}
		if err := json.Unmarshal([]byte(position), options.Resume); err != nil {
			return nil, fmt.Errorf("resume data %s: %w: its position: %w", run.Data.Name, sweep.ErrDataMissing, err)
		}
	}
	feed, err := set.Feed(ctx, options)
	if err != nil {
		return nil, err
	}
	return &files{feed: feed, texts: texts, context: o.Text.ContextLength, ids: make([]int32, run.Recipe.BatchSize*o.Text.ContextLength)}, nil
}

func (f *files) next(ctx context.Context, _ int64) ([]float32, []int32, error) {
	b, err := f.feed.Next(ctx)
	if err != nil {
		return nil, nil, err
	}
	for i, caption := range b.Captions {
		f.texts.Tokens(f.ids[i*f.context:][:f.context], caption)
	}
	return b.Images, f.ids, nil
}

func (f *files) position() string {
	text, err := json.Marshal(f.feed.Position())
	if err != nil { // plain numbers and names: cannot be
		return ""
	}
	return string(text)
}

func (f *files) close() { f.feed.Close() }
