package sweep

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Edit changes the grid of a sweep file and leaves the rest, comments included, as it is.
type Edit struct {
	Axes   map[string][]string // values of these axes, as the file writes them
	Remove []Place             // cells to exclude
	Add    []Place             // cells whose exclusion is taken back
}

// Place is where a matrix of models and samples seen, one for each data scale, has a cell.
type Place struct {
	Model, Data string
	SamplesSeen int64
}

// Apply gives the changed file. It wraps ErrBadInput where the file is no YAML mapping; whether
// the result is a sweep is for Parse to say.
func (e Edit) Apply(file []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(file, &doc); err != nil {
		return nil, fmt.Errorf("%w: the file is no YAML: %w", ErrBadInput, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%w: the file has no keys, such as name and grid", ErrBadInput)
	}
	root := doc.Content[0]
	grid := entry(root, "grid", yaml.MappingNode)
	for _, f := range fields {
		if values, ok := e.Axes[f.name]; ok {
			setList(grid, f.name, values)
		}
	}
	e.exclude(root)
	var b bytes.Buffer
	out := yaml.NewEncoder(&b)
	out.SetIndent(2)
	if err := out.Encode(&doc); err != nil {
		return nil, fmt.Errorf("write the sweep file: %w", err)
	}
	return b.Bytes(), nil
}

// exclude adds and takes back entries of exclude that name one place each.
func (e Edit) exclude(root *yaml.Node) {
	if len(e.Remove)+len(e.Add) == 0 {
		return
	}
	list := entry(root, "exclude", yaml.SequenceNode)
	list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool {
		at, ok := placeOf(n)
		return ok && (slices.Contains(e.Add, at) || slices.Contains(e.Remove, at)) // the latter are written anew
	})
	for _, at := range e.Remove {
		list.Content = append(list.Content, at.node())
	}
	if len(list.Content) == 0 {
		drop(root, "exclude")
	}
}

// placeOf reads an entry of exclude; false: it says more or less than one place.
func placeOf(n *yaml.Node) (at Place, ok bool) {
	if n.Kind != yaml.MappingNode || len(n.Content) != 6 {
		return at, false
	}
	said := map[string]string{}
	for i := 0; i < len(n.Content); i += 2 {
		said[n.Content[i].Value] = n.Content[i+1].Value
	}
	samples, err := parseCount(said["samples_seen"])
	return Place{said["model"], said["data"], samples}, err == nil && said["model"] != "" && said["data"] != ""
}

func (at Place) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, pair := range [][2]string{{"model", at.Model}, {"data", at.Data}, {"samples_seen", WriteCount(at.SamplesSeen)}} {
		n.Content = append(n.Content, scalar(pair[0]), scalar(pair[1]))
	}
	return n
}

// scalar is a plain value; YAML quotes what would be read as something else.
func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	if _, err := parseReal(text); err == nil {
		n.Tag, n.Style = "", 0 // a number
	}
	return n
}

// entry is the value of a key, made where it is missing or of another kind.
func entry(root *yaml.Node, key string, kind yaml.Kind) *yaml.Node {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != key {
			continue
		}
		if root.Content[i+1].Kind != kind {
			root.Content[i+1] = &yaml.Node{Kind: kind}
		}
		return root.Content[i+1]
	}
	value := &yaml.Node{Kind: kind}
	root.Content = append(root.Content, scalar(key), value)
	return value
}

func drop(root *yaml.Node, key string) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			root.Content = slices.Delete(root.Content, i, i+2)
			return
		}
	}
}

func setList(grid *yaml.Node, key string, values []string) {
	list := entry(grid, key, yaml.SequenceNode)
	list.Style, list.Content = yaml.FlowStyle, nil
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			list.Content = append(list.Content, scalar(v))
		}
	}
}
