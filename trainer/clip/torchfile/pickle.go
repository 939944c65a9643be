package torchfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// The values of a pickle: nil, bool, int64, float64, string, global, list, tuple, *dict, storage,
// *tensor.
type (
	global string // module.name
	list   struct{ items []any }
	tuple  []any
	mark   struct{}
)

// dict keeps its keys in order.
type dict struct {
	keys   []any
	values []any
}

// machine runs the few opcodes of pickle protocol 2 that torch.save writes for tensors in plain
// containers. It calls nothing: a class is a name, and the four that are known are built in.
type machine struct {
	in    *bufio.Reader
	stack []any
	memo  map[uint32]any
}

const maxString = 1 << 20

// unpickle gives the one value of a pickle.
func unpickle(r io.Reader) (any, error) {
	m := &machine{in: bufio.NewReader(r), memo: map[uint32]any{}}
	for {
		code, err := m.in.ReadByte()
		if err != nil {
			return nil, m.cut(err)
		}
		if code == '.' {
			return m.pop()
		}
		if err := m.do(code); err != nil {
			return nil, err
		}
	}
}

func (m *machine) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: its pickle ends too early", ErrFormat)
	}
	return fmt.Errorf("%w: read its pickle: %w", ErrFormat, err)
}

// do runs one opcode.
func (m *machine) do(code byte) error {
	switch code {
	case 0x80: // PROTO
		return m.protocol()
	case '(':
		m.push(mark{})
	case 'N':
		m.push(nil)
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		m.push(code == 0x88)
	case ')':
		m.push(tuple{})
	case '}':
		m.push(&dict{})
	case ']':
		m.push(&list{})
	case 'J', 'K', 'M', 'G', 'X', 0x8a, 0x8c:
		return m.constant(code)
	case 'c':
		return m.global()
	case 'q', 'r', 'h', 'j':
		return m.remember(code)
	case 't', 0x85, 0x86, 0x87:
		return m.tuple(code)
	case 's', 'u', 'a', 'e':
		return m.fill(code)
	case 'Q', 'R', 'b':
		return m.build(code)
	default:
		return fmt.Errorf("%w: its pickle has opcode 0x%02x, which no file of tensors needs", ErrFormat, code)
	}
	return nil
}

func (m *machine) protocol() error {
	version, err := m.in.ReadByte()
	if err != nil {
		return m.cut(err)
	}
	if version != 2 {
		return fmt.Errorf("%w: its pickle has protocol %d; torch.save writes 2", ErrFormat, version)
	}
	return nil
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() (any, error) {
	if len(m.stack) == 0 {
		return nil, fmt.Errorf("%w: its pickle takes from an empty stack", ErrFormat)
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// popTo takes everything above the last mark, and the mark.
func (m *machine) popTo() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			above := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return above, nil
		}
	}
	return nil, fmt.Errorf("%w: its pickle has no mark where one is needed", ErrFormat)
}

func (m *machine) bytes(n int) ([]byte, error) {
	if n < 0 || n > maxString {
		return nil, fmt.Errorf("%w: its pickle has a string of %d bytes", ErrFormat, n)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(m.in, b)
	if err != nil {
		return nil, m.cut(err)
	}
	return b, nil
}

// constant reads a number or a text.
func (m *machine) constant(code byte) error {
	width := map[byte]int{'J': 4, 'K': 1, 'M': 2, 'G': 8, 'X': 4, 0x8a: 1, 0x8c: 1}[code]
	b, err := m.bytes(width)
	if err != nil {
		return err
	}
	switch code {
	case 'J':
		m.push(int64(int32(binary.LittleEndian.Uint32(b))))
	case 'K':
		m.push(int64(b[0]))
	case 'M':
		m.push(int64(binary.LittleEndian.Uint16(b)))
	case 'G':
		m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case 'X':
		return m.text(int(binary.LittleEndian.Uint32(b)))
	case 0x8c:
		return m.text(int(b[0]))
	default:
		return m.long(int(b[0]))
	}
	return nil
}

func (m *machine) text(n int) error {
	b, err := m.bytes(n)
	m.push(string(b))
	return err
}

// long reads a little-endian two's complement integer of up to eight bytes.
func (m *machine) long(n int) error {
	b, err := m.bytes(n)
	if err != nil {
		return err
	}
	if n > 8 {
		return fmt.Errorf("%w: its pickle has an integer of %d bytes", ErrFormat, n)
	}
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	if n > 0 && b[n-1] >= 0x80 && n < 8 {
		v |= ^uint64(0) << (8 * n)
	}
	m.push(int64(v))
	return nil
}

// global reads a module's and a class's name, a line each.
func (m *machine) global() error {
	var names [2]string
	for i := range names {
		line, err := m.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("%w: its pickle has a class name without an end", ErrFormat)
		}
		if err != nil {
			return m.cut(err)
		}
		names[i] = strings.TrimSuffix(string(line), "\n")
	}
	name := global(names[0] + "." + names[1])
	if !known(name) {
		return fmt.Errorf("%w: its pickle wants %q; a file of tensors needs %s and torch's storages, and nothing else is read", ErrFormat, string(name), builders)
	}
	m.push(name)
	return nil
}

// remember puts the top of the stack into the memo, or takes from it.
func (m *machine) remember(code byte) error {
	width := map[byte]int{'q': 1, 'h': 1, 'r': 4, 'j': 4}[code]
	b, err := m.bytes(width)
	if err != nil {
		return err
	}
	key := uint32(b[0])
	if width == 4 {
		key = binary.LittleEndian.Uint32(b)
	}
	if code == 'h' || code == 'j' {
		v, ok := m.memo[key]
		if !ok {
			return fmt.Errorf("%w: its pickle recalls what it never remembered", ErrFormat)
		}
		m.push(v)
		return nil
	}
	v, err := m.pop()
	if err != nil {
		return err
	}
	m.memo[key] = v
	m.push(v)
	return nil
}
