package dataset

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/scalelaw/scalelaw/sweep"
)

// Describe finds the files of a pattern and says what they are as the data set of a run. Paths
// become absolute, those that are relative are taken from the folder base.
func Describe(ctx context.Context, pattern, base string, o Options) (sweep.Dataset, error) {
	parts := strings.Split(pattern, "::")
	for i, p := range parts {
		if p != "" && !filepath.IsAbs(p) && !remote(p) {
			p = filepath.Join(base, p)
		}
		if absolute, err := filepath.Abs(p); err == nil && p != "" && !remote(p) {
			p = absolute
		}
		parts[i] = p
	}
	absolute := strings.Join(parts, "::")
	s, err := Open(absolute, o)
	if err != nil {
		return sweep.Dataset{}, err
	}
	pairs, err := s.Pairs(ctx)
	if err != nil {
		return sweep.Dataset{}, err
	}
	if pairs == 0 {
		return sweep.Dataset{}, fmt.Errorf("%w: data %q has no pair of image and caption", sweep.ErrDataMissing, pattern)
	}
	files := &sweep.DataFiles{Pattern: absolute, ImageKey: o.ImageKey, CaptionKey: o.CaptionKey, Root: o.Root}
	if o.Separator != 0 {
		files.Separator = string(o.Separator)
	}
	return sweep.Dataset{Name: pattern, Pairs: pairs, Source: sweep.SourceFiles, Revision: s.Revision, Files: files}, nil
}

// OpenRun opens the data set of a run that Describe described, and refuses files that are not
// the ones that were described.
func OpenRun(d sweep.Dataset) (*Set, error) {
	if d.Source != sweep.SourceFiles || d.Files == nil {
		return nil, fmt.Errorf("%w: data set %s is none of files", sweep.ErrBadInput, d.Name)
	}
	o := Options{ImageKey: d.Files.ImageKey, CaptionKey: d.Files.CaptionKey, Root: d.Files.Root}
	if d.Files.Separator != "" {
		o.Separator, _ = utf8.DecodeRuneInString(d.Files.Separator)
	}
	s, err := Open(d.Files.Pattern, o)
	if err != nil {
		return nil, err
	}
	if s.Revision != d.Revision {
		return nil, fmt.Errorf("%w: data %q was changed: its revision is %s, the run's is %s", sweep.ErrDataMissing, d.Name, s.Revision, d.Revision)
	}
	return s, nil
}
