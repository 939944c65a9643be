package sweep

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// WriteCount writes a number of samples as sweep files have it: with the largest unit that fits,
// or in full where that would take more than three decimals.
func WriteCount(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1_000_000_000, "B"}, {1_000_000, "M"}, {1_000, "K"}} {
		if n < u.size {
			continue
		}
		if n%(u.size/1000) != 0 {
			break
		}
		return strconv.FormatFloat(float64(n)/float64(u.size), 'f', -1, 64) + u.name
	}
	return strconv.FormatInt(n, 10)
}

// File writes a Spec as the sweep file that it could have come from. Models and data from files
// are named, not written out.
func (s *Spec) File() ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	put := func(key string, value *yaml.Node) { root.Content = append(root.Content, scalar(key), value) }
	put("name", scalar(s.Name))
	put("trainer", scalar(s.Trainer))
	grid := &yaml.Node{Kind: yaml.MappingNode}
	for _, axis := range s.Grid {
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, v := range axis.Values {
			list.Content = append(list.Content, valueNode(axis.Field, v))
		}
		grid.Content = append(grid.Content, scalar(axis.Field), list)
	}
	if len(s.Grid) > 0 {
		put("grid", grid)
	}
	putCells(put, "exclude", s.Exclude)
	putCells(put, "include", s.Include)
	if len(s.Recipe) > 0 {
		n := valuesNode(s.Recipe)
		n.Style = 0
		put("recipe", n)
	}
	if len(s.Rules) > 0 {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, r := range s.Rules {
			list.Content = append(list.Content, &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{
				scalar("when"), valuesNode(r.When), scalar("set"), valuesNode(r.Set)}})
		}
		put("rules", list)
	}
	rest, err := s.rest()
	if err != nil {
		return nil, fmt.Errorf("write sweep %s: %w", s.Name, err)
	}
	root.Content = append(root.Content, rest...)
	var b bytes.Buffer
	out := yaml.NewEncoder(&b)
	out.SetIndent(2)
	if err := out.Encode(root); err != nil {
		return nil, fmt.Errorf("write sweep %s: %w", s.Name, err)
	}
	return b.Bytes(), nil
}

func putCells(put func(string, *yaml.Node), key string, cells []Values) {
	if len(cells) == 0 {
		return
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, c := range cells {
		list.Content = append(list.Content, valuesNode(c))
	}
	put(key, list)
}

// valuesNode has the fields in their usual order.
func valuesNode(v Values) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, f := range fields {
		if value, ok := v[f.name]; ok {
			n.Content = append(n.Content, scalar(f.name), valueNode(f.name, value))
		}
	}
	return n
}

func valueNode(field string, v any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode}
	switch x := v.(type) {
	case string:
		return scalar(x)
	case int64:
		n.Value = strconv.FormatInt(x, 10)
		if field == "samples_seen" {
			return scalar(WriteCount(x))
		}
	case float64:
		n.Value = strconv.FormatFloat(x, 'g', -1, 64)
	default:
		n.Value = fmt.Sprint(x)
	}
	return n
}

// rest are the keys after the cells: what is asked of them.
func (s *Spec) rest() ([]*yaml.Node, error) {
	fits := []map[string]string{}
	for _, f := range s.Fits {
		one := map[string]string{"metric": f.Metric, "rule": f.Rule, "law": f.Law, "group_by": f.GroupBy, "select": f.Select}
		maps.DeleteFunc(one, func(_, v string) bool { return v == "" })
		fits = append(fits, one)
	}
	limits := map[string]any{"concurrency": s.Limits.Concurrency, "attempts": s.Limits.Attempts}
	if s.Limits.GPUHours > 0 {
		limits["gpu_hours"] = s.Limits.GPUHours
	}
	if s.Limits.Price > 0 {
		limits["price_per_device_hour"] = s.Limits.Price
	}
	parts := map[string]any{"checkpoints": s.Checkpoints, "evaluate": s.Evaluate, "fits": fits, "limits": limits}
	if s.Surface != nil {
		parts["surface"] = s.Surface
	}
	all := []*yaml.Node{}
	for _, key := range slices.DeleteFunc([]string{"surface", "checkpoints", "evaluate", "fits", "limits"}, func(key string) bool { return parts[key] == nil }) {
		n := &yaml.Node{}
		if err := n.Encode(parts[key]); err != nil {
			return nil, err
		}
		inline(n, key == "fits")
		all = append(all, scalar(key), n)
	}
	return all, nil
}

// inline writes a value on one line or, of a list, each of its parts on one.
func inline(n *yaml.Node, parts bool) {
	if !parts {
		n.Style = yaml.FlowStyle
		return
	}
	for _, c := range n.Content {
		c.Style = yaml.FlowStyle
	}
}
