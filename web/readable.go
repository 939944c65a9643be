package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/scalelaw/scalelaw/sweep"
)

// readable refuses addresses that hold what is no text: bytes that are not UTF-8, or NUL, which
// a database cannot take, and query strings that cannot be read.
func readable(q *http.Request) error {
	query, err := url.ParseQuery(q.URL.RawQuery)
	if err != nil {
		return fmt.Errorf("query string: %w: %w", sweep.ErrBadInput, err)
	}
	texts := []string{q.URL.Path}
	for name, values := range query {
		texts = append(append(texts, name), values...)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("address: %w: %q is no text", sweep.ErrBadInput, text)
		}
	}
	return nil
}
