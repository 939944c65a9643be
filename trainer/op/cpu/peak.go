package cpu

import "time"

// peakTask runs independent multiply-adds on every thread.
type peakTask struct {
	loop  func(n int)
	loops int
}

func (t *peakTask) do(int, *worker) { t.loop(t.loops) }

// Peak measures how many floating-point operations a second the device's threads do at best:
// independent multiply-adds in registers, of pairs of bfloat16 where it computes with them, the
// best of some runs of a few milliseconds.
func (d *Device) Peak() float64 {
	const runs, loops = 20, 200_000
	threads := min(len(d.crew.workers), d.crew.cores.share())
	task, flops := &peakTask{d.k.Peak, loops}, d.k.PeakFlops
	if d.bf16 {
		task.loop, flops = d.k.BF16.Peak, d.k.BF16.PeakFlops
	}
	best := 0.0
	for range runs {
		began := time.Now()
		d.crew.run(task, threads)
		best = max(best, float64(threads*loops*flops)/time.Since(began).Seconds())
	}
	return best
}
