package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/scalelaw/scalelaw/store"
)

// studiesPage is the first page: studies, the newest first, in parts.
type studiesPage struct {
	store.Listed[store.Study]
	Text     string                `json:"-"` // that was searched for
	Pictures map[string]*miniature `json:"-"` // by study
	NextPage string                `json:"-"`
}

// studiesAtOnce is how many a page shows.
const studiesAtOnce = 24

// studies answers /: ?text= searches names; ?after= goes on.
func studies(ctx context.Context, s *Server, q *http.Request) (view, error) {
	p, err := partOf(q)
	if err != nil {
		return view{}, err
	}
	p.Limit = cmp.Or(p.Limit, studiesAtOnce)
	text := q.URL.Query().Get("text")
	found, err := s.backend.Studies(ctx, text, p)
	if err != nil {
		return view{}, err
	}
	page := studiesPage{Listed: found, Text: text}
	if found.Next != "" {
		page.NextPage = "/?" + url.Values{"text": {text}, "after": {found.Next}}.Encode()
	}
	if !wantsJSON(q) {
		page.Pictures, err = s.miniatures(ctx, found.Rows)
	}
	return view{template: "studies", title: "Studies", tab: "studies", data: page}, err
}

// miniatures are pictures of the frontier behind each study's first law.
func (s *Server) miniatures(ctx context.Context, rows []store.Study) (map[string]*miniature, error) {
	var fits []string
	for _, r := range rows {
		if len(r.Laws) > 0 {
			fits = append(fits, r.Laws[0].Fit)
		}
	}
	points, err := s.backend.FittedPoints(ctx, fits)
	if err != nil {
		return nil, err
	}
	all := map[string]*miniature{}
	for _, r := range rows {
		if len(r.Laws) > 0 {
			all[r.Name] = miniatureOf(points[r.Laws[0].Fit])
		}
	}
	return all, nil
}
