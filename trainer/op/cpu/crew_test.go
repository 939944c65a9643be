package cpu

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

// counter counts how often each chunk is done.
type counter struct{ done [50]atomic.Int32 }

func (c *counter) do(chunk int, _ *worker) { c.done[chunk].Add(1) }

func TestEveryChunkIsDoneOnce(t *testing.T) {
	cores := &Cores{}
	var crews []*crew
	for range 2 { // two at once share the cores
		c := newCrew(cores, 3)
		defer c.close()
		crews = append(crews, c)
	}
	for round := range 300 {
		var want counter
		c := crews[round%2]
		c.run(&want, round%len(want.done))
		for i := range want.done {
			expect := int32(0)
			if i < round%len(want.done) {
				expect = 1
			}
			if got := want.done[i].Load(); got != expect {
				t.Fatalf("round %d: chunk %d was done %d times", round, i, got)
			}
		}
	}
}

func TestDevicesShareTheCores(t *testing.T) {
	cores, all := &Cores{}, runtime.GOMAXPROCS(0)
	a, b := newCrew(cores, 1), newCrew(cores, 1)
	if got := cores.share(); got != max(all/2, 1) {
		t.Errorf("each of two devices may use %d of %d cores", got, all)
	}
	a.close()
	a.close() // twice is once
	if got := cores.share(); got != all {
		t.Errorf("a device alone may use %d of %d cores", got, all)
	}
	b.close()
}

// After a long wait for the others a crew works alone for a while, longer and longer.
func TestASlowWorkerIsNotWaitedForAgainAndAgain(t *testing.T) {
	c := newCrew(&Cores{}, 2)
	defer c.close()
	c.judge(slow/2, 3*slow)
	first := c.alone
	c.judge(slow/2, 3*slow)
	if first == 0 || c.alone <= first {
		t.Errorf("%d tasks alone after one slow task, %d after two", first, c.alone)
	}
	c.judge(10*slow, 3*slow) // the caller's own part took longer: nobody was slow
	if c.backoff >= 4*first {
		t.Errorf("the next wait would be %d tasks", c.backoff)
	}
}

// Gradients of all sizes are the same bits on any number of threads, at each level.
func TestBitsDoNotDependOnThreads(t *testing.T) {
	for _, level := range kernel.Levels() {
		var want []float32
		for _, threads := range []int{1, 2, 5} {
			d := device(t, level, threads)
			got := manyOperations(t, d)
			if want == nil {
				want = got
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%s, %d threads: number %d is %g, on one thread %g", level, threads, i, got[i], want[i])
				}
			}
		}
	}
}

// manyOperations runs the operations whose sums are cut into parts, and gives what they sum.
func manyOperations(t *testing.T, d *Device) []float32 {
	t.Helper()
	const rows, in, out = 2500, 24, 20
	values := make([]float32, rows*in)
	for i := range values {
		values[i] = float32(i%37)/37 - 0.4
	}
	x, y, w := d.Floats(rows*in), d.Floats(rows*out), d.Floats(out*in)
	d.Write(x, values)
	d.Write(w, values[:out*in])
	sums := d.Floats(in*out + out + 2*out + 3)
	dw, db, gain, bias, rest := sums.Slice(0, in*out), sums.Slice(in*out, out), sums.Slice(in*out+out, out), sums.Slice(in*out+2*out, out), sums.Slice(in*out+3*out, 3)
	stats, dx := d.Floats(2*rows), d.Floats(rows*out)
	d.Linear(y, x, w, op.Linear{Rows: rows, In: in, Out: out, Act: op.GELU})
	d.LinearWeights(dw, db, y, x, rows, in, out)
	d.LayerNorm(dx, stats, y, gain, bias, rows, out)
	d.LayerNormBack(dx, gain, bias, y, y, stats, db, op.Floats{}, rows, out)
	d.Norm(rest.Slice(0, 1), y)
	const n = 200
	d.InfoNCE(op.Contrast{Rows: n, Width: out, Image: y.Slice(0, n*out), Text: dx.Slice(0, n*out), LogScale: d.Floats(1),
		Loss: rest.Slice(1, 1), DImage: d.Floats(n * out), DText: d.Floats(n * out), DLogScale: rest.Slice(2, 1)})
	// Equal numbers compare equal; a NaN would not.
	got := make([]float32, sums.Len)
	if err := d.Read(got, sums); err != nil {
		t.Fatal(err)
	}
	return got
}
