package cpu

import "time"

// peakTask runs independent multiply-adds on every thread.
type peakTask struct {
	d     *Device
	loops int
}

func (t *peakTask) do(int, *worker) { t.d.k.Peak(t.loops) }

// Peak measures how many floating-point operations a second the device's threads do at best:
// independent multiply-adds in registers, the best of some runs of a few milliseconds.
func (d *Device) Peak() float64 {
	const runs, loops = 20, 200_000
	threads := min(len(d.crew.workers), d.crew.cores.share())
	task := &peakTask{d, loops}
	best := 0.0
	for range runs {
		began := time.Now()
		d.crew.run(task, threads)
		best = max(best, float64(threads*loops*d.k.PeakFlops)/time.Since(began).Seconds())
	}
	return best
}
