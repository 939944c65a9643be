package cpu

import (
	"runtime"
	"sync/atomic"
)

// Cores is what the devices of one process share: each computes on at most its part, so that
// several runs at once do not fight for the same cores. The zero value is ready.
type Cores struct {
	devices atomic.Int32
	all     atomic.Int32 // as it was when the last device came; asking costs a lock
}

func (c *Cores) join() {
	c.all.Store(int32(runtime.GOMAXPROCS(0)))
	c.devices.Add(1)
}

func (c *Cores) leave() { c.devices.Add(-1) }

// share is how many threads one of the devices may use now.
func (c *Cores) share() int { return int(max(c.all.Load()/max(c.devices.Load(), 1), 1)) }
