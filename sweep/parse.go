package sweep

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// ParseOptions is what parsing may ask of the world.
type ParseOptions struct {
	// ReadFile reads a model given as the path of an open_clip model JSON file; nil: none can be.
	ReadFile func(path string) ([]byte, error)
	// OpenData finds the data of a path or pattern of files (see IsDataFiles); nil: none can be.
	OpenData func(pattern string) (Dataset, error)
	// MaxCells bounds the grid; 0: a million, more than which is a slip of the pen.
	MaxCells int
}

// Parse reads a sweep file. Everything that is wrong with it is reported at once, as a
// *ParseError with line, column and the nearest right name; it wraps ErrBadInput.
func Parse(data []byte, o ParseOptions) (*Spec, error) {
	p := &parser{options: o, at: map[string]*yaml.Node{}, spec: &Spec{}}
	if root := p.document(data); root != nil {
		p.sweepFile(root)
		if len(p.problems) == 0 {
			p.defaults()
			p.checkCells()
		}
	}
	if len(p.problems) > 0 {
		e := &ParseError{Problems: p.problems}
		e.sort()
		return nil, e
	}
	return p.spec, nil
}

// parser collects a Spec and what is wrong with its file.
type parser struct {
	options  ParseOptions
	spec     *Spec
	trainer  TrainerInfo
	problems []Problem
	at       map[string]*yaml.Node // where a part of the file stands, for later checks
}

func (p *parser) fail(n *yaml.Node, name, format string, args ...any) {
	problem := Problem{Field: name, Text: fmt.Sprintf(format, args...)}
	if n != nil {
		problem.Line, problem.Column = n.Line, n.Column
	}
	p.problems = append(p.problems, problem)
}

// document reads the one YAML document of the file.
func (p *parser) document(data []byte) *yaml.Node {
	if !utf8.Valid(data) {
		p.fail(nil, "", "the file is not UTF-8 text")
		return nil
	}
	var doc, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		p.fail(nil, "", "the file is empty; examples/quickstart.yaml is a sweep to start from")
		return nil
	case err != nil:
		p.problems = append(p.problems, yamlProblem(err))
		return nil
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		p.fail(&second, "", "the file holds more than one YAML document; a sweep file is one")
		return nil
	}
	return doc.Content[0]
}

var (
	yamlLine = regexp.MustCompile(`^line (\d+): (.*)`)
	// What the library's parser, in contrast to its scanner, says; it counts lines from 0 and
	// leaves out line 0.
	yamlFromZero = regexp.MustCompile(`^did not find expected (node content|key|'-' indicator|',' or '[\]}]'|<document start>)`)
)

func yamlProblem(err error) Problem {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits, by the expression
		text = m[2]
	}
	if yamlFromZero.MatchString(text) {
		line++
	}
	return Problem{Line: line, Column: min(line, 1), Text: "not YAML: " + text}
}
