package torchfile

import (
	"fmt"
	"slices"
	"strings"
)

// tuple makes one of the top values.
func (m *machine) tuple(code byte) error {
	if code == 't' {
		items, err := m.popTo()
		m.push(tuple(items))
		return err
	}
	items := make(tuple, int(code)-0x84)
	for i := len(items) - 1; i >= 0; i-- {
		v, err := m.pop()
		if err != nil {
			return err
		}
		items[i] = v
	}
	m.push(items)
	return nil
}

// fill appends to a list, or sets items of a dict.
func (m *machine) fill(code byte) error {
	var items []any
	var err error
	switch code {
	case 'u', 'e':
		items, err = m.popTo()
	default:
		n := map[byte]int{'s': 2, 'a': 1}[code]
		if len(m.stack) < n {
			return fmt.Errorf("%w: its pickle takes from an empty stack", ErrFormat)
		}
		items = slices.Clone(m.stack[len(m.stack)-n:])
		m.stack = m.stack[:len(m.stack)-n]
	}
	if err != nil {
		return err
	}
	top, err := m.pop()
	if err != nil {
		return err
	}
	m.push(top)
	switch into := top.(type) {
	case *list:
		into.items = append(into.items, items...)
		return nil
	case *dict:
		if len(items)%2 != 0 {
			break
		}
		for i := 0; i < len(items); i += 2 {
			into.keys, into.values = append(into.keys, items[i]), append(into.values, items[i+1])
		}
		return nil
	}
	return fmt.Errorf("%w: its pickle fills a %T", ErrFormat, top)
}

// The classes that a file of tensors needs.
const (
	orderedDict  = global("collections.OrderedDict")
	rebuild      = global("torch._utils._rebuild_tensor_v2")
	rebuildParam = global("torch._utils._rebuild_parameter")
	builders     = "collections.OrderedDict, torch._utils._rebuild_tensor_v2 and _rebuild_parameter"
)

func known(name global) bool {
	class, ok := strings.CutPrefix(string(name), "torch.")
	_, isStorage := widths[class]
	return name == orderedDict || name == rebuild || name == rebuildParam || ok && isStorage
}

// build makes a value of what lies on the stack: a storage of a persistent id (Q), what a class
// makes of its arguments (R), or a value whose attributes are dropped (b).
func (m *machine) build(code byte) error {
	top, err := m.pop()
	if err != nil {
		return err
	}
	if code == 'Q' {
		s, err := storageOf(top)
		m.push(s)
		return err
	}
	if code == 'b' {
		return nil // attributes such as an OrderedDict's _metadata
	}
	class, err := m.pop()
	if err != nil {
		return err
	}
	arguments, ok := top.(tuple)
	name, isGlobal := class.(global)
	if !ok || !isGlobal {
		return fmt.Errorf("%w: its pickle calls a %T", ErrFormat, class)
	}
	v, err := call(name, arguments)
	m.push(v)
	return err
}

func call(name global, arguments tuple) (any, error) {
	switch {
	case name == orderedDict && len(arguments) == 0:
		return &dict{}, nil
	case name == rebuild && len(arguments) >= 4:
		return tensorOf(arguments)
	case name == rebuildParam && len(arguments) >= 1:
		if t, ok := arguments[0].(*tensor); ok {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%w: its pickle calls %s with %d arguments of other kinds", ErrFormat, name, len(arguments))
}

// storage is one entry of the archive.
type storage struct {
	class string // FloatStorage, ...
	key   string
	count int64
}

// storageOf reads a persistent id: ("storage", class, key, device, count).
func storageOf(v any) (storage, error) {
	id, ok := v.(tuple)
	if ok && len(id) == 5 && id[0] == "storage" {
		class, okClass := id[1].(global)
		key, okKey := id[2].(string)
		count, okCount := id[4].(int64)
		if okClass && okKey && okCount && count >= 0 {
			return storage{strings.TrimPrefix(string(class), "torch."), key, count}, nil
		}
	}
	return storage{}, fmt.Errorf("%w: its pickle refers to something that is no storage", ErrFormat)
}

// tensor is a view of a storage.
type tensor struct {
	storage storage
	offset  int64
	shape   []int64
	strides []int64
	count   int64
}

// tensorOf reads the arguments of _rebuild_tensor_v2: storage, offset, size, stride, ... .
func tensorOf(arguments tuple) (*tensor, error) {
	s, okStorage := arguments[0].(storage)
	offset, okOffset := arguments[1].(int64)
	shape, okShape := integers(arguments[2])
	strides, okStrides := integers(arguments[3])
	if !okStorage || !okOffset || !okShape || !okStrides || len(shape) != len(strides) || len(shape) > 8 {
		return nil, fmt.Errorf("%w: its pickle has a tensor that is none", ErrFormat)
	}
	t := &tensor{storage: s, offset: offset, shape: shape, strides: strides}
	if slices.Contains(shape, 0) {
		return t, nil
	}
	t.count = 1
	last := offset
	for i, n := range shape {
		if t.count > s.count/n || n > 1 && strides[i] > (s.count-last)/(n-1) {
			return nil, t.outside()
		}
		t.count *= n
		last += (n - 1) * strides[i]
	}
	if offset < 0 || last >= s.count {
		return nil, t.outside()
	}
	return t, nil
}

func (t *tensor) outside() error {
	return fmt.Errorf("%w: a tensor of shape %v, strides %v and offset %d does not fit its storage of %d numbers", ErrFormat, t.shape, t.strides, t.offset, t.storage.count)
}

// integers reads a tuple of integers that are not negative.
func integers(v any) ([]int64, bool) {
	items, ok := v.(tuple)
	all := make([]int64, len(items))
	for i, item := range items {
		n, isInt := item.(int64)
		if !isInt || n < 0 {
			return nil, false
		}
		all[i] = n
	}
	return all, ok
}
