package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
)

// DefaultPage is how many rows a list gives when it is not told; MaxPage how many at most.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// Page is which part of a list is asked for.
type Page struct {
	Limit int    // rows; 0: DefaultPage; more than MaxPage: MaxPage
	After string // the cursor that the part before gave as Next; empty: from the start
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return DefaultPage
	}
	return min(p.Limit, MaxPage)
}

// Listed is a part of a list.
type Listed[T any] struct {
	Rows []T    `json:"rows"`
	Next string `json:"next,omitempty"` // cursor of what follows; empty: nothing does
}

// listed cuts the row too many that a query asked for to learn whether more follow. key gives
// the sort keys of a row, which its cursor holds.
func listed[T any](rows []T, p Page, key func(T) any) (Listed[T], error) {
	n := p.limit()
	if len(rows) <= n {
		return Listed[T]{Rows: append([]T{}, rows...)}, nil // none is [], not null
	}
	next, err := json.Marshal(key(rows[n-1]))
	return Listed[T]{Rows: rows[:n], Next: base64.RawURLEncoding.EncodeToString(next)}, err
}

// after reads the cursor into key; false: there is none.
func (p Page) after(key any) (bool, error) {
	if p.After == "" {
		return false, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.After)
	if err == nil {
		err = json.Unmarshal(text, key)
	}
	if err != nil {
		return false, fmt.Errorf("%w: cursor %q is none that a list gave as `next`", sweep.ErrBadInput, p.After)
	}
	return true, nil
}
