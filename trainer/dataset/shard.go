package dataset

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

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
