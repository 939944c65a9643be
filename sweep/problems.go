package sweep

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a sweep file, and where.
type Problem struct {
	Line   int    `json:"line"`   // from 1; 0: the file as a whole
	Column int    `json:"column"` // from 1
	Field  string `json:"field"`  // grid.model, recipe.learning_rate
	Text   string `json:"text"`
}

func (p Problem) String() string {
	where := ""
	if p.Line > 0 {
		where = fmt.Sprintf("line %d, column %d: ", p.Line, p.Column)
	}
	if p.Field == "" {
		return where + p.Text
	}
	return where + p.Field + ": " + p.Text
}

// ParseError is everything that is wrong with a sweep file, in the order of its lines.
type ParseError struct {
	Problems []Problem
}

func (e *ParseError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes it an ErrBadInput.
func (e *ParseError) Unwrap() error { return ErrBadInput }

func (e *ParseError) sort() {
	slices.SortStableFunc(e.Problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}
