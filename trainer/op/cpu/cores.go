package cpu

import (
	"runtime"
	"sync/atomic"
)

// Cores is what the devices of one process share: each computes on at most its part, so that
// several runs at once do not fight for the same cores. The zero value is ready.
type Cores struct{ devices atomic.Int32 }

// share is how many threads one of the devices may use now.
func (c *Cores) share() int {
	return max(runtime.GOMAXPROCS(0)/max(int(c.devices.Load()), 1), 1)
}
