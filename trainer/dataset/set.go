package dataset

import (
	"fmt"
	"os"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// Options say how files are read. The zero value reads what open_clip writes and expects.
type Options struct {
	// ImageKey is the column of the image's path (default filepath), or the extensions of the
	// member with the image, separated by ";" (default jpg;png;jpeg;webp).
	ImageKey string
	// CaptionKey is the column of the caption (default title), or the key of the caption in a
	// json member (default: the txt member, else json's caption, else json's text).
	CaptionKey string
	// Separator of a table; 0: the one of tab and comma with which the header has both columns.
	Separator rune
	// Root is the folder of relative paths in a table; default: the working folder, or the
	// table's own where the first relative path is found there only.
	Root string

	MaxPixels      int     // of an image; default picture.MaxPixels
	MaxMemberBytes int64   // of an encoded image; default 64 MiB
	MaxBadShare    float64 // of images that cannot be used, see Bad; default 0.01; negative: none
	WindowPairs    int     // of a shuffling window; default 4096
	WindowBytes    int64   // of a shuffling window, images; default 256 MiB

	labelled bool // a pair needs a class, and no caption
}

// maxText bounds a caption, a json member and a row of a table, in bytes.
const maxText = 1 << 20

func (o Options) filled() Options {
	or := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	pixels, pairs := int64(o.MaxPixels), int64(o.WindowPairs)
	or(&pixels, picture.MaxPixels)
	or(&pairs, 4096)
	or(&o.MaxMemberBytes, 64<<20)
	or(&o.WindowBytes, 256<<20)
	o.MaxPixels, o.WindowPairs = int(pixels), int(pairs)
	if o.MaxBadShare == 0 {
		o.MaxBadShare = 0.01
	}
	return o
}

// allowedBad is how many bad images are put up with after read pairs of a pass: the share, of
// a thousand at least, so that one bad image among the first few does not end a run.
func (o Options) allowedBad(read int64) int64 {
	return int64(max(o.MaxBadShare, 0) * float64(max(read, 1000)))
}

// Set is a data set of files. It is read-only and safe for concurrent use.
type Set struct {
	Pattern  string
	Format   string   // webdataset, csv or folder
	Files    []string // in order; one for csv and folder
	Bytes    int64
	Revision string // of the content, see fingerprint

	options Options
	listing listing // of csv and folder
}

// The formats of a Set.
const (
	WebDataset = "webdataset"
	CSV        = "csv"
	Folder     = "folder"
)

// Open finds the files of a pattern (see Files), or of a folder of classes, and reads what is needed to begin: for a table
// the offsets of its rows, for shards their sizes and ends.
func Open(pattern string, o Options) (*Set, error) {
	if info, err := os.Stat(pattern); err == nil && info.IsDir() {
		f, bytes, revision, err := openFolder(pattern)
		if err != nil {
			return nil, err
		}
		return &Set{Pattern: pattern, Format: Folder, Files: []string{pattern}, Bytes: bytes, Revision: revision, options: o.filled(), listing: f}, nil
	}
	files, err := Files(pattern)
	if err != nil {
		return nil, err
	}
	s := &Set{Pattern: pattern, Files: files, options: o.filled()}
	if s.Format, err = formatOf(files); err != nil {
		return nil, fmt.Errorf("data %q: %w", pattern, err)
	}
	if s.Bytes, s.Revision, err = fingerprint(files, o); err != nil {
		return nil, fmt.Errorf("data %q: %w", pattern, err)
	}
	if s.Format == CSV {
		if s.listing, err = openTable(files[0], s.options); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// extension is the part of a name that tells the format; "" if none does.
func extension(name string) string {
	lower := strings.ToLower(name)
	for _, e := range []string{".tar", ".tar.gz", ".tgz", ".csv", ".tsv"} {
		if strings.HasSuffix(lower, e) {
			return e
		}
	}
	return ""
}

func formatOf(files []string) (string, error) {
	tables := 0
	for _, f := range files {
		switch extension(f) {
		case ".csv", ".tsv":
			tables++
		case "":
			return "", fmt.Errorf("%w: %s is no .tar, .tar.gz, .tgz, .csv or .tsv", sweep.ErrBadInput, f)
		}
	}
	switch {
	case tables == 0:
		return WebDataset, nil
	case tables == 1 && len(files) == 1:
		return CSV, nil
	}
	return "", fmt.Errorf("%w: one table, or shards: it has %d tables and %d shards", sweep.ErrBadInput, tables, len(files)-tables)
}

// Tolerant is the set without a limit on bad images: for looking at data, not for training.
func (s *Set) Tolerant() *Set {
	t := *s
	t.options.MaxBadShare = 1
	return &t
}
