package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scalelaw/scalelaw/sweep"
)

// edge is how many bytes of each end of a file go into the fingerprint.
const edge = 64 << 10

// fingerprint hashes every file's name (without its folder), size, and first and last 64 KiB.
// A change in the middle of a shard that keeps its size is not seen: reading 100 TB to see it
// would take longer than training on it. Keys and separator that differ from the usual go into
// it too: they make other pairs of the same files.
func fingerprint(files []string, o Options) (total int64, revision string, err error) {
	h := sha256.New()
	if o.ImageKey+o.CaptionKey != "" || o.Separator != 0 {
		fmt.Fprintf(h, "%q %q %q\n", o.ImageKey, o.CaptionKey, o.Separator)
	}
	for _, name := range files {
		size, err := hashEdges(h, name)
		if err != nil {
			return 0, "", fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
		}
		total += size
		fmt.Fprintf(h, "\n%d %s\n", size, filepath.Base(name))
	}
	return total, "files-" + hex.EncodeToString(h.Sum(nil)[:12]), nil
}

func hashEdges(w io.Writer, name string) (size int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	size = info.Size()
	if _, err := io.Copy(w, io.NewSectionReader(f, 0, min(size, edge))); err != nil {
		return 0, err
	}
	tail := max(size-edge, min(size, edge))
	_, err = io.Copy(w, io.NewSectionReader(f, tail, size-tail))
	return size, err
}
