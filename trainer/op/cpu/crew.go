package cpu

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

// task is one operation cut into chunks. Which worker does which chunk is left to chance, so
// do must give the same numbers whoever does it.
type task interface{ do(chunk int, w *worker) }

// crew runs the chunks of a task on its workers: the caller's goroutine is the first, the
// others wait for work, at first spinning (operations follow each other within a microsecond),
// then asleep.
type crew struct {
	cores   *Cores
	workers []worker
	job     task          // read by a worker only after it took a ticket
	ticket  atomic.Uint64 // number of the task (24 bits), its chunks (20), the next one (20)
	pending atomic.Int64  // chunks not done
	asleep  atomic.Int32
	wake    chan struct{}
	closed  atomic.Bool
	number  uint64 // of the task

	alone   int // so many tasks are not shared
	backoff int // how many after the next slow one
}

// worker is a thread's own memory.
type worker struct {
	index   int
	panel   []float32 // a packed panel of a product's right side
	scratch []float32
	pairs   []float32 // of a product's left side, and of some rows of its right side
}

const (
	chunkBits = 20
	maxChunks = 1<<chunkBits - 1

	spins     = 4000 // of some 10 ns each, before a worker goes to sleep
	spinBurst = 4
)

func newCrew(cores *Cores, threads int) *crew {
	c := &crew{cores: cores, workers: make([]worker, threads), wake: make(chan struct{}, threads), backoff: 8}
	cores.join()
	for i := range c.workers {
		c.workers[i].index = i
		c.workers[i].panel = aligned(panelSize)
		if i > 0 {
			go c.help(&c.workers[i])
		}
	}
	return c
}

func (c *crew) close() {
	if !c.closed.Swap(true) {
		c.cores.leave()
		close(c.wake)
	}
}

// run does all chunks of a task and returns when they are done.
func (c *crew) run(t task, chunks int) {
	alone := len(c.workers) == 1 || c.alone > 0 || c.cores.share() == 1
	if chunks <= 1 || alone {
		c.alone = max(c.alone-1, 0)
		for i := range chunks {
			t.do(i, &c.workers[0])
		}
		return
	}
	for first := 0; first < chunks; first += maxChunks { // in practice once
		c.share(t, min(chunks-first, maxChunks))
	}
}

func (c *crew) share(t task, chunks int) {
	c.job = t
	c.pending.Store(int64(chunks))
	c.number++
	c.ticket.Store(c.number<<(2*chunkBits) | uint64(chunks)<<chunkBits)
	idle := max(len(c.workers)-c.cores.share(), 0) // asleep for good, as it were
	for n := int(c.asleep.Load()) - idle; n > 0; n-- {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
	began := time.Now()
	c.take(&c.workers[0])
	own := time.Since(began)
	for i := 0; c.pending.Load() > 0; i++ {
		kernel.Pause(spinBurst)
		if i > spins/8 {
			runtime.Gosched()
		}
	}
	c.judge(own, time.Since(began)-own)
}

// slow is a wait that only a worker explains from which the system took its core.
const slow = 200 * time.Microsecond

// judge stops sharing for a while when the others took longer than the caller's own part: on a
// machine that others use too, one worker without a core holds up all. The longer that goes
// on, the longer it works alone.
func (c *crew) judge(own, wait time.Duration) {
	if wait < slow || wait < own {
		c.backoff = max(c.backoff/2, 8)
		return
	}
	c.alone = c.backoff
	c.backoff = min(2*c.backoff, 1024)
}

// take does chunks until none is left, and says whether there was one.
func (c *crew) take(w *worker) (any bool) {
	for {
		v := c.ticket.Load()
		next, chunks := v&maxChunks, v>>chunkBits&maxChunks
		if next >= chunks {
			return any
		}
		if c.ticket.CompareAndSwap(v, v+1) {
			c.job.do(int(next), w)
			c.pending.Add(-1)
			any = true
		}
	}
}

// help is the life of a worker. One beyond the device's share of the cores stays asleep.
func (c *crew) help(w *worker) {
	for idle := 0; ; idle++ {
		if w.index < c.cores.share() && c.take(w) {
			idle = 0
		}
		if idle < spins && w.index < c.cores.share() {
			kernel.Pause(spinBurst)
			continue
		}
		c.asleep.Add(1)
		_, open := <-c.wake
		c.asleep.Add(-1)
		if !open {
			return
		}
		idle = 0
	}
}
