package dataset

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
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
	if g.shard.options.labelled {
		g.complete = g.hasImage && g.label >= 0
	}
	return g.pair
}

func clean(caption string) string {
	return strings.TrimSpace(strings.ToValidUTF8(caption, "\uFFFD"))
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
