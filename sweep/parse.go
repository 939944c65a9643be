package sweep

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// ParseOptions is what parsing may ask of the world.
type ParseOptions struct {
	// ReadFile reads a model given as the path of an open_clip model JSON file; nil: none can be.
	ReadFile func(path string) ([]byte, error)
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

// mapping visits the keys of a mapping in order and reports unknown and repeated ones.
func (p *parser) mapping(n *yaml.Node, name string, known []string, visit func(key string, k, v *yaml.Node)) {
	n = resolveAlias(n)
	if n.Kind != yaml.MappingNode {
		p.fail(n, name, "must be a mapping of %s, not %s", strings.Join(known, ", "), describe(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolveAlias(n.Content[i+1])
		full := join(name, k.Value)
		switch {
		case seen[k.Value]:
			p.fail(k, full, "stands twice")
		case !slices.Contains(known, k.Value):
			p.fail(k, full, "unknown key%s", orKnown(k.Value, known))
		default:
			p.at[full] = v
			visit(k.Value, k, v)
		}
		seen[k.Value] = true
	}
}

func orKnown(written string, known []string) string {
	if hint := didYouMean(written, known); hint != "" {
		return hint
	}
	return "; known are " + strings.Join(known, ", ")
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "." + b
}

func resolveAlias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!null" {
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}

// scalar gives the text of a value that is neither list nor mapping nor empty.
func (p *parser) scalar(n *yaml.Node, name string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		p.fail(n, name, "must be one value, not %s", describe(n))
		return "", false
	}
	return n.Value, true
}

// list visits the elements of a list that must not be empty.
func (p *parser) list(n *yaml.Node, name string, visit func(i int, v *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		p.fail(n, name, "must be a list, not %s", describe(n))
		return
	}
	if len(n.Content) == 0 {
		p.fail(n, name, "must not be empty; leave the key out instead")
	}
	for i, v := range n.Content {
		visit(i, resolveAlias(v))
	}
}

func (p *parser) count(n *yaml.Node, name string, low, high int64) int64 {
	text, ok := p.scalar(n, name)
	if !ok {
		return low
	}
	x, err := parseCount(text)
	if err != nil {
		p.fail(n, name, "%v", err)
		return low
	}
	if x < low || x > high {
		p.fail(n, name, "%d is outside %d to %d", x, low, high)
		return low
	}
	return x
}

func (p *parser) real(n *yaml.Node, name string, low, high float64) float64 {
	text, ok := p.scalar(n, name)
	if !ok {
		return low
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || x != x {
		p.fail(n, name, "%q is not a number", text)
		return low
	}
	if x < low || x > high {
		p.fail(n, name, "%g is outside %g to %g", x, low, high)
		return low
	}
	return x
}

// oneOf reads a name that must be known.
func (p *parser) oneOf(n *yaml.Node, name string, known []string) string {
	text, ok := p.scalar(n, name)
	if ok && !slices.Contains(known, text) {
		p.fail(n, name, "unknown %s %q%s", lastPart(name), text, orKnown(text, known))
	}
	return text
}

func lastPart(name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	if i := strings.IndexByte(name, '['); i > 0 {
		name = name[:i]
	}
	return name
}
