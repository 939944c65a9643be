package clip

import (
	"context"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// source gives the batches of a run, each good until the next. What it gives is a function of
// the run and of where it stands.
type source interface {
	// next gives the batch of a step, counted from 0: steps follow each other.
	next(ctx context.Context, step int64) (images []float32, ids []int32, err error)
	// position is what to go on with beside the step; "" for nothing.
	position() string
	close()
}

// trainable wants data that the run's model can be trained on, before anything is built.
func trainable(run sweep.Run) error {
	o := run.Model.OpenCLIP
	switch {
	case run.Data.Source != sweep.SourceIcons && run.Data.Source != sweep.SourceFiles:
		return fmt.Errorf("data set %s: %w: the clip trainer takes the icons-* data sets, and files", run.Data.Name, sweep.ErrUnsupported)
	case run.Data.Source == sweep.SourceFiles && o == nil:
		return fmt.Errorf("model %s on %s: %w: files are for open_clip's models", run.Model.Name, run.Data.Name, sweep.ErrUnsupported)
	case run.Data.Source == sweep.SourceIcons && o != nil && o.Vision.ImageSize != icons32.Side:
		return fmt.Errorf("model %s on %s: %w: icons have %d pixels, its vision_cfg.image_size is %d", run.Model.Name, run.Data.Name, sweep.ErrUnsupported, icons32.Side, o.Vision.ImageSize)
	}
	return nil
}

// openSource opens the data of a trainable run, where position says.
func openSource(ctx context.Context, run sweep.Run, workers int, position string) (source, error) {
	if run.Data.Source == sweep.SourceFiles {
		return openFiles(ctx, run, workers, position)
	}
	set, err := icons32.Load()
	if err != nil {
		return nil, err
	}
	return newFeed(set, run)
}
