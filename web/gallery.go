package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// Gallery is held-out images as a checkpoint sees them. It is safe for use by several goroutines.
type Gallery interface {
	Len() int
	// Seen is image i of Len with the classes nearest to it.
	Seen(i, texts int) Seen
	// Search gives the images nearest to words, and the words that the model knows.
	Search(words string, n int) (found []Found, known []string, err error)
}

// Seen is an image, its class, and the texts nearest to it.
type Seen struct {
	Icon  int    `json:"icon"`
	Class string `json:"class"`
	Texts []Near `json:"texts"`
}

// Near is a text and the cosine of its embedding with the image's.
type Near struct {
	Text   string  `json:"text"`
	Cosine float64 `json:"cosine"`
	Right  bool    `json:"right"`
}

// Found is an image that words found.
type Found struct {
	Icon    int     `json:"icon"`
	Caption string  `json:"caption"`
	Cosine  float64 `json:"cosine"`
}

const (
	seenAtOnce  = 24
	textsOfEach = 5
	foundAtMost = 24
	longestText = 500 // bytes of words to search for
)

// galleryPage is a part of a run's gallery, or what words found.
type galleryPage struct {
	Run   string   `json:"run"`
	From  int      `json:"from"`
	Total int      `json:"total"`
	Seen  []Seen   `json:"seen,omitempty"`
	Next  int      `json:"next,omitempty"` // 0: nothing follows
	Words string   `json:"words,omitempty"`
	Known []string `json:"known,omitempty"`
	Found []Found  `json:"found,omitempty"`
}

// gallery answers ?words= with images, and without them shows images with their texts.
func gallery(ctx context.Context, s *Server, r *http.Request) (view, error) {
	q := r.URL.Query()
	page := galleryPage{Run: r.PathValue("run"), Words: strings.TrimSpace(q.Get("words"))}
	if len(page.Words) > longestText {
		return view{}, fmt.Errorf("words: %w: %d bytes; a caption has at most %d", sweep.ErrBadInput, len(page.Words), longestText)
	}
	if text := q.Get("from"); text != "" {
		from, err := strconv.Atoi(text)
		if err != nil || from < 0 {
			return view{}, fmt.Errorf("from: %w: %q is no number of an image", sweep.ErrBadInput, text)
		}
		page.From = from
	}
	run, err := s.backend.RunDetail(ctx, page.Run)
	if err != nil {
		return view{}, err
	}
	page.Run = run.ID
	g, err := s.backend.Gallery(ctx, run.ID)
	if err == nil {
		err = page.fill(g)
	}
	return view{template: "gallery", title: "What run " + short(run.ID) + " sees", tab: "runs", data: page}, err
}

func (p *galleryPage) fill(g Gallery) (err error) {
	p.Total = g.Len()
	if p.Words != "" {
		p.Found, p.Known, err = g.Search(p.Words, foundAtMost)
		return err
	}
	for i := min(p.From, p.Total); i < min(p.From+seenAtOnce, p.Total); i++ {
		p.Seen = append(p.Seen, g.Seen(i, textsOfEach))
	}
	if p.From+seenAtOnce < p.Total {
		p.Next = p.From + seenAtOnce
	}
	return nil
}
