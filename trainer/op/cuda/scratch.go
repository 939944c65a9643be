package cuda

import "github.com/scalelaw/scalelaw/trainer/cuda/driver"

// scratch is memory that lives as long as an operation. It grows when operations are called for
// the first time, and stays: recorded work knows its addresses.
type scratch struct {
	gpu    driver.Device
	chunks []chunk
	sealed bool // nothing may be allocated now
}

type chunk struct {
	at         driver.Pointer
	size, used int
}

// grain is the least that is allocated, and what allocations are a multiple of.
const grain = 2 << 20

// rewind makes all of it free.
func (s *scratch) rewind() {
	for i := range s.chunks {
		s.chunks[i].used = 0
	}
}

// take gives bytes, aligned to 256, whose contents are not defined.
func (s *scratch) take(bytes int) (driver.Pointer, error) {
	bytes = ceil(max(bytes, 1), 256) * 256
	for i := range s.chunks {
		if c := &s.chunks[i]; c.size-c.used >= bytes {
			c.used += bytes
			return c.at.Offset(c.used - bytes), nil
		}
	}
	if s.sealed {
		return 0, driver.Errorf(driver.Bug, "recorded work wants %d bytes of scratch memory that plain calls did not: it must be called once before it is recorded", bytes)
	}
	size := ceil(bytes, grain) * grain
	at, err := s.gpu.Allocate(size)
	if err != nil {
		return 0, err
	}
	s.chunks = append(s.chunks, chunk{at, size, bytes})
	return at, nil
}

// takeFloats takes room for n numbers.
func (s *scratch) takeFloats(n int) (driver.Pointer, error) { return s.take(n * floatSize) }

// ceil is a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }
