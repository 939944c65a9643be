package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// fileFlags say how data files are read.
type fileFlags struct {
	image, caption, separator, root string
}

func (f *fileFlags) add(o *pflag.FlagSet) {
	o.StringVar(&f.image, "image-key", "", "of files: column of the image's path (filepath), or extensions of its member (jpg;png;jpeg;webp)")
	o.StringVar(&f.caption, "caption-key", "", "of files: column of the caption (title), or key in the json member (txt, else caption, else text)")
	o.StringVar(&f.separator, "separator", "", "of a table: what stands between columns (tab or comma, whichever fits)")
	o.StringVar(&f.root, "root", "", "of a table: folder of relative paths (the working folder, else the table's)")
}

func (f *fileFlags) options() (dataset.Options, error) {
	o := dataset.Options{ImageKey: f.image, CaptionKey: f.caption, Root: f.root}
	switch f.separator {
	case "":
	case `\t`, "tab":
		o.Separator = '\t'
	default:
		r, n := utf8.DecodeRuneInString(f.separator)
		if n != len(f.separator) || r == utf8.RuneError || r == '"' || r == '\r' || r == '\n' {
			return o, usage("--separator %q is not one character that can stand between columns; a tab is written tab", f.separator)
		}
		o.Separator = r
	}
	return o, nil
}

func (f *fileFlags) open(pattern string) (*dataset.Set, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	if !sweep.IsDataFiles(pattern) {
		return nil, usage("%q names no files: a path with a slash, or a name that ends in .tar, .tar.gz, .tgz, .csv or .tsv", pattern)
	}
	return dataset.Open(pattern, o)
}

// filesView is what is known of a data set of files.
type filesView struct {
	sweep.Dataset
	Format     string   `json:"format"`
	FileCount  int      `json:"file_count"`
	Bytes      int64    `json:"bytes"`
	Incomplete int64    `json:"incomplete"`
	Bad        *int64   `json:"bad,omitempty"` // only where every image was decoded
	Labelled   int64    `json:"labelled"`      // pairs with a class
	Classes    int      `json:"classes,omitempty"`
	Templates  int      `json:"templates,omitempty"`
	Captions   []string `json:"captions"` // the first few
}

func (a *app) showFiles(ctx context.Context, pattern string, f *fileFlags, check bool) error {
	set, err := f.open(pattern)
	if err != nil {
		return err
	}
	v := filesView{Format: set.Format, FileCount: len(set.Files), Bytes: set.Bytes, Captions: []string{}}
	v.Dataset = sweep.Dataset{Name: pattern, Source: sweep.SourceFiles, Revision: set.Revision}
	if set, err = v.classify(set); err != nil {
		return err
	}
	if err := v.count(ctx, set); err != nil {
		return err
	}
	if err := v.look(ctx, set, check); err != nil {
		return err
	}
	t := &table{}
	t.add("data", v.Name)
	t.add("format", v.Format)
	t.add("files", v.FileCount)
	t.add("bytes", v.Bytes)
	t.add("pairs", v.Pairs)
	t.add("incomplete", v.Incomplete)
	if v.Bad != nil {
		t.add("bad", *v.Bad)
	}
	if v.Classes > 0 {
		t.add("labelled", v.Labelled)
		t.add("classes", v.Classes)
		t.add("templates", v.Templates)
	}
	t.add("revision", v.Revision)
	for _, c := range v.Captions {
		t.add("caption", c)
	}
	return a.print(v, t)
}

// classify sees whether a set is one of zero-shot classification, and gives it as that.
func (v *filesView) classify(set *dataset.Set) (*dataset.Set, error) {
	c, err := set.Classification("", "")
	if errors.Is(err, sweep.ErrNotFound) {
		return set, nil
	}
	if err != nil {
		return nil, err
	}
	v.Classes, v.Templates = len(c.Classes), len(c.Templates)
	return c.Set, nil
}

func (v *filesView) count(ctx context.Context, set *dataset.Set) error {
	for i := range set.Files {
		c, err := set.Count(ctx, i)
		if err != nil {
			return err
		}
		v.Pairs += c.Pairs
		v.Incomplete += c.Incomplete
		v.Labelled += c.Labelled
	}
	return nil
}

// firstCaptions is how many captions of a data set are shown.
const firstCaptions = 5

// look reads the first pairs; or all of them, to see which images can be used.
func (v *filesView) look(ctx context.Context, set *dataset.Set, check bool) error {
	set = set.Tolerant()
	feed, err := set.Feed(ctx, dataset.FeedOptions{Transform: picture.Evaluation(1), Batch: firstCaptions, Once: true, Bytes: true, Order: dataset.Sequential})
	if err != nil {
		return err
	}
	defer feed.Close()
	for {
		b, err := feed.Next(ctx)
		if err != nil && err != io.EOF {
			return err
		}
		if err == nil && len(v.Captions) == 0 {
			v.Captions = append(v.Captions, b.Captions[:b.N]...)
		}
		if err == io.EOF || !check {
			break
		}
	}
	if bad := feed.Position().Total.Bad; check {
		v.Bad = &bad
	}
	return nil
}

// openData finds data given as files for a sweep file or for flags; relative paths are taken
// from the folder base.
func openData(ctx context.Context, base string, f *fileFlags) func(string) (sweep.Dataset, error) {
	return func(pattern string) (sweep.Dataset, error) {
		o, err := f.options()
		if err != nil {
			return sweep.Dataset{}, err
		}
		d, err := dataset.Describe(ctx, pattern, base, o)
		if err != nil {
			return d, fmt.Errorf("find the data: %w", err)
		}
		return d, nil
	}
}
