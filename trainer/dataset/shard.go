package dataset

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// pair is one pair as it lies in a file, its image still encoded.
type pair struct {
	file     string // shard or table
	member   string // key in the shard, or the line of the table
	path     string // of the image, where it is a file of its own
	image    []byte
	caption  string
	label    int   // from a cls member; -1: none
	complete bool  // has an image and a caption
	bad      error // found while reading: the image cannot be used
}

// shard reads the groups of a tar file: members that stand together and have the same name up
// to the first dot of its last part, as webdataset groups them.
type shard struct {
	name    string
	options Options
	images  []string // extensions
	names   bool     // pairs come without image
	headers bool     // pairs come without anything
	file    *os.File
	tar     *tar.Reader
	pending *tar.Header // the first member of the next group
	last    string      // member
	pool    *buffers
}

func openShard(name string, o Options) (*shard, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	keys := o.ImageKey
	if keys == "" {
		keys = "jpg;png;jpeg;webp"
	}
	s := &shard{name: name, options: o, images: strings.Split(strings.ToLower(keys), ";"), file: f}
	if err := s.begin(); err != nil {
		f.Close()
		return nil, s.damaged(err)
	}
	return s, nil
}

// begin looks at the first bytes, not the name, for compression. The tar reader gets the bare
// file where it can, because then it seeks over what nobody reads.
func (s *shard) begin() error {
	var magic [2]byte
	if _, err := s.file.ReadAt(magic[:], 0); err != nil {
		return err
	}
	if magic != [2]byte{0x1f, 0x8b} {
		s.tar = tar.NewReader(s.file)
		return s.endsWell()
	}
	unzip, err := gzip.NewReader(bufio.NewReaderSize(s.file, 1<<18))
	if err != nil {
		return err
	}
	s.tar = tar.NewReader(unzip)
	return nil
}

// endsWell wants the zeros at the end of a tar file: without them it was cut between two
// members, which the tar reader does not tell.
func (s *shard) endsWell() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	var block [512]byte
	if _, err := s.file.ReadAt(block[:], max(info.Size()-512, 0)); err != nil || block != [512]byte{} {
		return errors.New("it has no end mark: was it cut short?")
	}
	return nil
}

func (s *shard) Close() error { return s.file.Close() }

func (s *shard) damaged(err error) error {
	after := ""
	if s.last != "" {
		after = fmt.Sprintf(" after member %s", s.last)
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: shard %s is damaged%s: %w", sweep.ErrDataMissing, s.name, after, err)
}

// advance gives the next member that is a file with a key; nil at the end.
func (s *shard) advance() (*tar.Header, error) {
	for {
		h, err := s.tar.Next()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // names are labels here, never paths
			return nil, s.damaged(err)
		}
		s.last = h.Name
		if key, _ := splitName(h.Name); h.Typeflag == tar.TypeReg && key != "" && !reserved(key) {
			return h, nil
		}
	}
}

// reserved are the members that webdataset keeps for itself, such as __license__.txt.
func reserved(key string) bool {
	base := path.Base(key)
	return strings.HasPrefix(base, "__") && strings.HasSuffix(base, "__")
}

// splitName splits at the first dot of the last part: dir/0001.seg.png is dir/0001, seg.png.
func splitName(name string) (key, extension string) {
	dir, base := path.Split(name)
	stem, extension, found := strings.Cut(base, ".")
	if !found || stem == "" {
		return "", ""
	}
	return dir + stem, strings.ToLower(extension)
}

// next reads the next group; io.EOF after the last.
func (s *shard) next() (pair, error) {
	g := group{pair: pair{file: s.name, label: -1}, shard: s}
	for {
		h := s.pending
		if h == nil {
			var err error
			if h, err = s.advance(); err != nil {
				return pair{}, err
			}
		}
		s.pending = h
		if h == nil {
			if g.member == "" {
				return pair{}, io.EOF
			}
			return g.finish(), nil
		}
		key, extension := splitName(h.Name)
		if g.member != "" && (key != g.member || g.seen[extension]) {
			return g.finish(), nil
		}
		s.pending = nil
		if err := g.add(key, extension, h); err != nil {
			return pair{}, err
		}
	}
}

// skip passes over n groups without reading their content.
func (s *shard) skip(n int64) error {
	s.headers = true
	defer func() { s.headers = false }()
	for range n {
		if _, err := s.next(); err == io.EOF {
			return s.damaged(errors.New("it has fewer pairs than when training began"))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// group is a pair being read.
type group struct {
	pair
	shard    *shard
	seen     map[string]bool
	hasImage bool
	text     *string
	json     map[string]any
}

func (g *group) add(key, extension string, h *tar.Header) error {
	if g.seen == nil {
		g.seen = map[string]bool{}
	}
	g.member, g.seen[extension] = key, true
	switch extension {
	case "txt", "json", "cls":
		return g.addText(extension, h)
	}
	for _, e := range g.shard.images {
		if e == extension && !g.hasImage {
			return g.addImage(h)
		}
	}
	return nil
}

func (g *group) addImage(h *tar.Header) error {
	g.hasImage = true
	if h.Size > g.shard.options.MaxMemberBytes {
		g.bad = fmt.Errorf("the image has %d bytes, the limit is %d", h.Size, g.shard.options.MaxMemberBytes)
		return nil
	}
	if g.shard.names || g.shard.headers {
		return nil
	}
	g.image = g.shard.pool.get(int(h.Size))
	if _, err := io.ReadFull(g.shard.tar, g.image); err != nil {
		return g.shard.damaged(err)
	}
	return nil
}

func (g *group) addText(extension string, h *tar.Header) error {
	if extension == "json" && g.shard.options.CaptionKey == "" && g.text != nil {
		return nil
	}
	if h.Size > maxText || g.shard.headers {
		return nil // too long is as good as none
	}
	text := make([]byte, h.Size)
	if _, err := io.ReadFull(g.shard.tar, text); err != nil {
		return g.shard.damaged(err)
	}
	switch extension {
	case "txt":
		caption := clean(string(text))
		g.text = &caption
	case "cls":
		if n, err := strconv.Atoi(string(bytes.TrimSpace(text))); err == nil && n >= 0 {
			g.label = n
		}
	case "json":
		if json.Unmarshal(text, &g.json) != nil {
			g.json = nil // as good as none
		}
	}
	return nil
}

// finish decides on the caption.
func (g *group) finish() pair {
	keys := []string{"caption", "text"}
	if k := g.shard.options.CaptionKey; k != "" {
		keys, g.text = []string{k}, nil
	}
	for _, k := range keys {
		if caption, ok := g.json[k].(string); ok && g.text == nil {
			caption = clean(caption)
			g.text = &caption
		}
	}
	if g.text != nil {
		g.caption = *g.text
	}
	g.complete = g.hasImage && g.text != nil
	return g.pair
}

func clean(caption string) string {
	return strings.TrimSpace(strings.ToValidUTF8(caption, "\uFFFD"))
}
