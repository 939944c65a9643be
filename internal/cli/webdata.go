package cli

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

func noDataset(name string) error {
	return fmt.Errorf("data set %q: %w%s", name, sweep.ErrNotFound, didYouMean(name, dataNames(), "scalelaw data list"))
}

// Dataset implements web.Reader. It counts words once.
func (b *backend) Dataset(_ context.Context, name string) (sweep.DatasetDetail, error) {
	d, ok := sweep.LookupDataset(name)
	if !ok {
		return sweep.DatasetDetail{}, noDataset(name)
	}
	once, _ := b.details.LoadOrStore(name, sync.OnceValues(func() (sweep.DatasetDetail, error) { return describeData(d) }))
	return once.(func() (sweep.DatasetDetail, error))()
}

// Samples implements web.Reader.
func (*backend) Samples(_ context.Context, name, split string, from, n int) ([]sweep.Sample, int, error) {
	d, ok := sweep.LookupDataset(name)
	if !ok || d.Source != "icons-32" {
		return nil, 0, fmt.Errorf("pairs of data set %q: %w", name, sweep.ErrNotFound)
	}
	set, err := icons32.Load()
	if err != nil {
		return nil, 0, err
	}
	return set.Samples(split, int(d.Pairs), from, n)
}

// Icon implements web.Reader.
func (*backend) Icon(_ context.Context, n int) ([]byte, error) {
	set, err := icons32.Load()
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= set.Len() {
		return nil, fmt.Errorf("icon %d of %d: %w", n, set.Len(), sweep.ErrNotFound)
	}
	var picture bytes.Buffer
	err = png.Encode(&picture, set.Image(n))
	return picture.Bytes(), err
}
