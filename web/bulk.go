package web

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// bulk is rows of a kind that programs read: as JSON a part of them with the cursor of the
// next, as CSV or NDJSON all of them in a stream, which is read part by part.
type bulk[T any] struct {
	template string // of the page; empty: there is none, and browsers get JSON too
	title    string
	tab      string

	header []string
	cells  func(T) []string
	read   func(ctx context.Context, s *Server, r *http.Request, p store.Page) (store.Listed[T], error)
}

// partOf reads ?limit= and ?after=.
func partOf(r *http.Request) (store.Page, error) {
	p := store.Page{After: r.URL.Query().Get("after")}
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > store.MaxPage {
			return p, fmt.Errorf("limit: %w: %q is no number from 1 to %d", sweep.ErrBadInput, text, store.MaxPage)
		}
		p.Limit = n
	}
	return p, nil
}

// answer is the route's.
func (b bulk[T]) answer(ctx context.Context, s *Server, r *http.Request) (view, error) {
	p, err := partOf(r)
	if err != nil {
		return view{}, err
	}
	form := b.formOf(r)
	if form == "csv" || form == "ndjson" {
		p.Limit = store.MaxPage
	}
	first, err := b.read(ctx, s, r, p) // its errors still have a status
	if err != nil {
		return view{}, err
	}
	next := func(after string) (store.Listed[T], error) {
		return b.read(ctx, s, r, store.Page{Limit: store.MaxPage, After: after})
	}
	switch form {
	case "csv":
		return view{stream: func(w io.Writer) error { return b.csv(w, first, next) }, kind: "text/csv; charset=utf-8"}, nil
	case "html":
		return b.page(r, first), nil
	case "ndjson":
		return view{stream: func(w io.Writer) error { return lines(w, first, next) }, kind: "application/x-ndjson"}, nil
	}
	body, err := json.Marshal(first)
	return view{raw: append(body, '\n'), kind: "application/json"}, err
}

// listing is a part of a list as its page sees it.
type listing[T any] struct {
	store.Listed[T]
	Asked url.Values
	After string // address of the part that follows; empty: there is none
	Sweep string
}

func (b bulk[T]) page(r *http.Request, part store.Listed[T]) view {
	q := r.URL.Query()
	q.Del("after")
	l := listing[T]{Listed: part, Asked: q, Sweep: r.PathValue("sweep")}
	if part.Next != "" {
		further := maps.Clone(q)
		further.Set("after", part.Next)
		l.After = r.URL.Path + "?" + further.Encode()
	}
	return view{template: b.template, title: b.title, tab: b.tab, sweep: l.Sweep, data: l}
}

// formOf is the form of rows that a request asks for: csv, ndjson, json or html.
func (b bulk[T]) formOf(r *http.Request) string {
	asked := r.URL.Query().Get("format") + " " + r.Header.Get("Accept")
	switch {
	case strings.Contains(asked, "ndjson"):
		return "ndjson"
	case strings.Contains(asked, "csv"):
		return "csv"
	case b.template != "" && !wantsJSON(r):
		return "html"
	}
	return "json"
}

func (b bulk[T]) csv(to io.Writer, part store.Listed[T], next func(string) (store.Listed[T], error)) error {
	w := csv.NewWriter(to)
	if err := w.Write(b.header); err != nil {
		return err
	}
	return walk(part, next, func(rows []T) error {
		for _, row := range rows {
			if err := w.Write(b.cells(row)); err != nil {
				return err
			}
		}
		w.Flush()
		return w.Error()
	})
}

func lines[T any](to io.Writer, part store.Listed[T], next func(string) (store.Listed[T], error)) error {
	w := bufio.NewWriter(to)
	e := json.NewEncoder(w)
	return walk(part, next, func(rows []T) error {
		for _, row := range rows {
			if err := e.Encode(row); err != nil {
				return err
			}
		}
		return w.Flush()
	})
}

// walk gives all parts, one after another.
func walk[T any](part store.Listed[T], next func(string) (store.Listed[T], error), give func([]T) error) error {
	for {
		if err := give(part.Rows); err != nil || part.Next == "" {
			return err
		}
		var err error
		if part, err = next(part.Next); err != nil {
			return err
		}
	}
}

// inForm is the address of the same list in another form.
func inForm(asked url.Values, form string) string {
	q := maps.Clone(asked)
	q.Set("format", form)
	return "?" + q.Encode()
}
