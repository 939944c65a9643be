package team

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

// together runs f for each member at once.
func together(members []*Member, f func(m *Member)) {
	var wait sync.WaitGroup
	for _, m := range members {
		wait.Go(func() { f(m) })
	}
	wait.Wait()
}

func three() []*Member {
	return New([]op.Device{plain.New[float32](), plain.New[float32](), plain.New[float32]()})
}

func TestGatherAndSum(t *testing.T) {
	members := three()
	gathered, sums := make([][]float32, 3), make([][]float32, 3)
	together(members, func(m *Member) {
		r := m.Rank()
		x, y := m.Floats(5), m.Floats(6)
		for round := range 20 { // memory is used again: members must not run ahead of each other
			v := float32(r + 10*round)
			m.Write(x, []float32{v, 1e8 * float32(1-r), v, 1, 2})
			m.Gather(y, x.Slice(0, 2))
			m.Sum(x.Slice(1, 4))
			m.Join()
			gathered[r], sums[r] = make([]float32, 6), make([]float32, 5)
			if err := errors.Join(m.Read(gathered[r], y), m.Read(sums[r], x)); err != nil {
				t.Error(err)
			}
		}
	})
	for r := range members {
		if want := []float32{190, 1e8, 191, 0, 192, -1e8}; !slices.Equal(gathered[r], want) {
			t.Errorf("member %d gathered %v, want %v", r, gathered[r], want)
		}
		if want := []float32{float32(190 + r), 0, 573, 3, 6}; !slices.Equal(sums[r], want) {
			t.Errorf("member %d has sums %v, want %v", r, sums[r], want)
		}
	}
}

// broken is a device whose reads fail.
type broken struct {
	op.Device
	err error
}

func (b broken) Read([]float32, op.Floats) error { return b.err }

func TestAFailedMemberIsToldToTheOthers(t *testing.T) {
	lost := errors.New("lost")
	members := New([]op.Device{plain.New[float32](), broken{plain.New[float32](), lost}, plain.New[float32]()})
	together(members, func(m *Member) {
		x := m.Floats(3)
		m.Sum(x)
		m.Sum(x)
		if err := m.Read(make([]float32, 3), x); !errors.Is(err, lost) {
			t.Errorf("member %d: %v", m.Rank(), err)
		}
	})
}

func TestAClosedMemberKeepsNobodyWaiting(t *testing.T) {
	members := three()
	together(members, func(m *Member) {
		if m.Rank() == 1 {
			m.Close()
			return
		}
		x := m.Floats(1)
		m.Gather(m.Floats(3), x)
		if err := m.Read(make([]float32, 1), x); !errors.Is(err, errClosed) {
			t.Errorf("member %d: %v", m.Rank(), err)
		}
	})
}
