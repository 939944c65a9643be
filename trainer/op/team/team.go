// Package team joins devices of one process to a group that trains one model, through the host's
// memory: the definition of op.Group, for CPU devices and for any other.
package team

import (
	"errors"
	"fmt"
	"sync"

	"github.com/scalelaw/scalelaw/trainer/op"
)

// errClosed is what members read after another was closed.
var errClosed = errors.New("a member of the group was closed")

// team is what the members share.
type team struct {
	mu      sync.Mutex
	all     sync.Cond
	size    int
	arrived int
	round   int
	failed  error

	parts [][]float32 // what each member brought
	sum   []float32
}

// Member is a device in a group. It offers no queue, because what it exchanges passes the host.
type Member struct {
	op.Device
	team  *team
	rank  int
	again []float32 // read into
}

var (
	_ op.Device = (*Member)(nil)
	_ op.Group  = (*Member)(nil)
)

// New makes members of devices, in the order of their ranks. Each must be used by a goroutine of
// its own: operations of the group wait for each other.
func New(devices []op.Device) []*Member {
	t := &team{size: len(devices), parts: make([][]float32, len(devices))}
	t.all.L = &t.mu
	members := make([]*Member, len(devices))
	for i, d := range devices {
		members[i] = &Member{Device: d, team: t, rank: i}
	}
	return members
}

// Rank implements op.Group.
func (m *Member) Rank() int { return m.rank }

// Size implements op.Group.
func (m *Member) Size() int { return m.team.size }

// Gather implements op.Group.
func (m *Member) Gather(y, x op.Floats) {
	if !m.bring(x) {
		return
	}
	for i, part := range m.team.parts {
		m.Write(y.Slice(i*x.Len, x.Len), part[:x.Len])
	}
	m.team.meet()
}

// Sum implements op.Group: each member adds up its share of the numbers, in the order of ranks.
func (m *Member) Sum(x op.Floats) {
	if !m.bring(x) {
		return
	}
	t, from, to := m.team, m.rank*x.Len/m.team.size, (m.rank+1)*x.Len/m.team.size
	for i := from; i < to; i++ {
		sum := t.parts[0][i]
		for _, part := range t.parts[1:] {
			sum += part[i]
		}
		t.sum[i] = sum
	}
	if t.meet() {
		m.Write(x, t.sum[:x.Len])
		t.meet()
	}
}

// Join implements op.Group: sums are done when Sum returns.
func (*Member) Join() {}

// bring lets the others see x, and reports whether they see all members' parts.
func (m *Member) bring(x op.Floats) bool {
	if len(m.again) < x.Len {
		m.again = make([]float32, x.Len)
	}
	if err := m.Device.Read(m.again[:x.Len], x); err != nil {
		m.team.fail(fmt.Errorf("member %d of a group of %d: %w", m.rank, m.team.size, err))
		return false
	}
	m.team.show(m.rank, m.again)
	return m.team.meet()
}

// Read implements op.Memory. It also reports what other members failed with.
func (m *Member) Read(dst []float32, src op.Floats) error {
	if err := m.Device.Read(dst, src); err != nil {
		m.team.fail(fmt.Errorf("member %d of a group of %d: %w", m.rank, m.team.size, err))
		return err
	}
	m.team.mu.Lock()
	defer m.team.mu.Unlock()
	return m.team.failed
}

// Close implements op.Memory. The others wait no longer.
func (m *Member) Close() error {
	m.team.fail(errClosed)
	return m.Device.Close()
}

func (t *team) show(rank int, part []float32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.parts[rank] = part
	if len(t.sum) < len(part) {
		t.sum = make([]float32, len(part))
	}
}

// fail ends the group; the first reason stays.
func (t *team) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed == nil {
		t.failed = err
	}
	t.all.Broadcast()
}

// meet waits for all members, and reports whether they came.
func (t *team) meet() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	round := t.round
	if t.arrived++; t.arrived == t.size {
		t.arrived, t.round = 0, t.round+1
		t.all.Broadcast()
		return t.failed == nil
	}
	for t.round == round && t.failed == nil {
		t.all.Wait()
	}
	return t.failed == nil
}
