package sweep

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

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
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	}
	return fmt.Sprintf("%q", n.Value)
}

// scalar gives the text of a value that is neither list nor mapping nor empty, nor true or false.
func (p *parser) scalar(n *yaml.Node, name string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Tag == "!!bool" {
		p.fail(n, name, "must be one value, not %s", describe(n))
		return "", false
	}
	return n.Value, true
}

// flag gives the text of a value that must be true or false.
func (p *parser) flag(n *yaml.Node, name string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		p.fail(n, name, "must be true or false, not %s", describe(n))
		return "", false
	}
	return strings.ToLower(n.Value), true
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
	x, err := parseReal(text)
	if err != nil {
		p.fail(n, name, "%v", err)
		return low
	}
	if err := inRange(x, low, high); err != nil {
		p.fail(n, name, "%v", err)
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
