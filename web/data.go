package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/sweep"
)

// dataSets is the page of the catalogue.
type dataSets struct {
	Sets []sweep.Dataset `json:"data_sets"`
}

func dataPage(context.Context, *Server, *http.Request) (view, error) {
	return view{template: "data", title: "Data", tab: "data", data: dataSets{sweep.Datasets()}}, nil
}

// dataSet is the page of one: what it holds, and pairs of a split to look at.
type dataSet struct {
	sweep.DatasetDetail
	Split   string         `json:"split"`
	Of      []string       `json:"of"` // splits that there are
	From    int            `json:"from"`
	Total   int            `json:"total"`
	Samples []sweep.Sample `json:"samples"`
	Back    string         `json:"-"` // addresses of the pairs before and after; empty: none
	On      string         `json:"next,omitempty"`
}

// sheetSize is how many pairs a contact sheet shows.
const sheetSize = 96

func oneDataSet(ctx context.Context, s *Server, r *http.Request) (view, error) {
	d, err := s.backend.Dataset(ctx, r.PathValue("data"))
	if err != nil {
		return view{}, err
	}
	page := dataSet{DatasetDetail: d, Split: r.URL.Query().Get("split")}
	if d.Classes > 0 {
		if err := page.fill(ctx, s, r.URL.Query()); err != nil {
			return view{}, err
		}
	}
	return view{template: "dataset", title: d.Name, tab: "data", data: page}, nil
}

func (p *dataSet) fill(ctx context.Context, s *Server, q url.Values) (err error) {
	p.Of = []string{"train", "test", "test-all", "emoji", "pixel", "colour", "retrieval"}
	if p.Split == "" {
		p.Split = "train"
	}
	if !slices.Contains(p.Of, p.Split) {
		return fmt.Errorf("split: %w: %q is none of %v", sweep.ErrBadInput, p.Split, p.Of)
	}
	if text := q.Get("from"); text != "" {
		if p.From, err = strconv.Atoi(text); err != nil || p.From < 0 {
			return fmt.Errorf("from: %w: %q is no number of a pair", sweep.ErrBadInput, text)
		}
	}
	if p.Samples, p.Total, err = s.backend.Samples(ctx, p.Name, p.Split, p.From, sheetSize); err != nil {
		return err
	}
	address := func(from int) string {
		return "/data/" + url.PathEscape(p.Name) + "?" + url.Values{"split": {p.Split}, "from": {strconv.Itoa(from)}}.Encode()
	}
	if p.From > 0 {
		p.Back = address(max(0, p.From-sheetSize))
	}
	if p.From+sheetSize < p.Total {
		p.On = address(p.From + sheetSize)
	}
	return nil
}

// To is the number of the last pair shown, from 1.
func (p dataSet) To() int { return p.From + len(p.Samples) }

func wordsFigure(ctx context.Context, s *Server, r *http.Request) (figure.Figure, error) {
	d, err := s.backend.Dataset(ctx, r.PathValue("data"))
	in := figure.WordsInput{Title: "Words of captions", Subtitle: fmt.Sprintf("%s · %d pairs · %d different words", d.Name, d.Pairs, d.Words)}
	for _, f := range d.Frequencies {
		in.Words = append(in.Words, figure.WordCount{Rank: f.Rank, Count: f.Count, Word: f.Word})
	}
	return figure.NewWords(in), err
}

// icon is a picture of icons-32; it never changes.
func icon(ctx context.Context, s *Server, r *http.Request) (view, error) {
	n, err := strconv.Atoi(r.PathValue("icon"))
	if err != nil {
		return view{}, fmt.Errorf("icon %q: %w", r.PathValue("icon"), sweep.ErrNotFound)
	}
	data, err := s.backend.Icon(ctx, n)
	return view{raw: data, kind: "image/png", keep: true}, err
}
