package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// small windows, so that a few pairs make many of them.
var smallWindows = Options{WindowPairs: 7}

func TestOnePassGivesEveryPairOnce(t *testing.T) {
	set := open(t, shardFolder(t, 5, 9, 0, 1, 12)+"/*", smallWindows)
	for _, order := range []Order{Shuffled, Sequential} {
		captions, err := drain(t, start(t, set, FeedOptions{Batch: 4, Once: true, Order: order}))
		if err != nil {
			t.Fatal(err)
		}
		if sorted := slices.IsSorted(captions); sorted != (order == Sequential) {
			t.Errorf("%s: %q", order, captions)
		}
		slices.Sort(captions)
		if captions = slices.Compact(captions); len(captions) != 27 || captions[5] != "pair 0010000" {
			t.Errorf("%s: %d pairs: %q", order, len(captions), captions)
		}
	}
}

func TestPassesHaveTheirOwnOrders(t *testing.T) {
	set := open(t, shardFolder(t, 6, 6, 6)+"/*", smallWindows)
	f := start(t, set, FeedOptions{Batch: 18, Seed: 3})
	passes := map[string]bool{}
	for range 3 {
		b, err := f.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		passes[fmt.Sprint(b.Captions)] = true
		slices.Sort(b.Captions)
		if len(slices.Compact(b.Captions)) != 18 {
			t.Error("a pass repeats a pair")
		}
	}
	other, err := start(t, set, FeedOptions{Batch: 18, Seed: 4}).Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	passes[fmt.Sprint(other.Captions)] = true
	if len(passes) != 4 {
		t.Errorf("%d different orders of three passes and another seed's", len(passes))
	}
	if p := f.Position(); p.Pass != 2 || p.Read != 18 || p.Total.Pairs != 54 {
		t.Errorf("position %+v", p)
	}
}

// Pixels, captions and order are the same bits for any number of workers.
func TestWorkersNeverChangeTheResult(t *testing.T) {
	set := open(t, shardFolder(t, 5, 9, 4)+"/*", smallWindows)
	want := take(t, start(t, set, FeedOptions{Batch: 5, Seed: 1, Workers: 1}), 12)
	for _, workers := range []int{2, 7} {
		if got := take(t, start(t, set, FeedOptions{Batch: 5, Seed: 1, Workers: workers}), 12); !slices.Equal(got, want) {
			t.Errorf("%d workers give other batches", workers)
		}
	}
}

// sources are sets of both kinds with a bad image and an incomplete pair.
func sources(t *testing.T) map[string]*Set {
	dir := shardFolder(t, 5, 9, 3)
	put(t, dir, "00003.tar", tarOf(t, append(pairs(t, 3, 4),
		member{"bad.jpg", []byte("no image")}, member{"bad.txt", []byte("bad")}, member{"alone.jpg", grey(t, "jpg", 9)})...))
	rows := "filepath,title\n,no path\nnone.png,missing\n"
	for i := range 19 {
		put(t, dir, fmt.Sprintf("img/%d.jpg", i), grey(t, "jpg", uint8(i)))
		rows += fmt.Sprintf("img/%d.jpg,row %d\n", i, i)
	}
	table := put(t, dir, "pairs.csv", []byte(rows))
	return map[string]*Set{"shards": open(t, dir+"/*.tar*", smallWindows), "table": open(t, table, Options{})}
}

// After any batch, a new feed at that position goes on with the same bits.
func TestResumeIsExact(t *testing.T) {
	for name, set := range sources(t) {
		const steps = 14 // of 3 pairs: two passes and more
		o := FeedOptions{Batch: 3, Seed: 5, Workers: 2}
		whole := start(t, set, o)
		var want, at []string
		for range steps {
			want = append(want, take(t, whole, 1)...)
			saved, err := json.Marshal(whole.Position())
			if err != nil {
				t.Fatal(err)
			}
			at = append(at, string(saved))
		}
		for step := range steps - 1 {
			o.Resume = new(Position)
			if err := json.Unmarshal([]byte(at[step]), o.Resume); err != nil {
				t.Fatal(err)
			}
			f := start(t, set, o)
			if got := take(t, f, steps-1-step); !slices.Equal(got, want[step+1:]) {
				t.Fatalf("%s: resumed after batch %d: other batches", name, step+1)
			}
			end, err := json.Marshal(f.Position())
			if err != nil || string(end) != at[steps-1] {
				t.Errorf("%s: resumed after batch %d it ends at %s, want %s", name, step+1, end, at[steps-1])
			}
		}
		if p := whole.Position(); p.Total.Bad < 1 || p.Total.Incomplete < 1 || p.Total.Pairs != 3*steps || p.Pass < 1 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestPositionsOfOtherFeedsAreRefused(t *testing.T) {
	dir := shardFolder(t, 5, 9)
	set := open(t, dir+"/*", smallWindows)
	f := start(t, set, FeedOptions{Batch: 3, Seed: 5})
	take(t, f, 2)
	at := f.Position()
	transform := picture.Training(4)
	for what, c := range map[string]struct {
		set *Set
		o   FeedOptions
	}{
		"seed":   {set, FeedOptions{Batch: 3, Seed: 6}},
		"order":  {set, FeedOptions{Batch: 3, Seed: 5, Order: Sequential}},
		"window": {open(t, dir+"/*", Options{WindowPairs: 8}), FeedOptions{Batch: 3, Seed: 5}},
		"files":  {open(t, dir+"/00000.tar", smallWindows), FeedOptions{Batch: 3, Seed: 5}},
	} {
		c.o.Resume, c.o.Transform = &at, transform
		_, err := c.set.Feed(t.Context(), c.o)
		refused(t, what, err, badInput, "another seed")
	}
	at.Taken = 99
	_, err := set.Feed(t.Context(), FeedOptions{Batch: 3, Seed: 5, Transform: transform, Resume: &at})
	refused(t, "taken", err, badInput, "cannot be")
}

func TestAskingForNothingIsRefused(t *testing.T) {
	set := open(t, shardFolder(t, 2)+"/*", Options{})
	for _, o := range []FeedOptions{
		{Batch: 0, Transform: picture.Training(4)}, {Batch: 1}, {Batch: 1, Transform: picture.Training(4), Order: "random"},
	} {
		_, err := set.Feed(t.Context(), o)
		refused(t, fmt.Sprintf("%+v", o), err, badInput)
	}
}

func TestBytesAreThePixels(t *testing.T) {
	set := open(t, shardFolder(t, 3)+"/*", Options{})
	transform := picture.Evaluation(4)
	raw, err := start(t, set, FeedOptions{Batch: 3, Bytes: true, Transform: transform, Order: Sequential}).Next(t.Context())
	if err != nil || raw.Images != nil || len(raw.Bytes) != 3*3*16 {
		t.Fatalf("%d bytes, %d values: %v", len(raw.Bytes), len(raw.Images), err)
	}
	b, err := start(t, set, FeedOptions{Batch: 3, Transform: transform, Order: Sequential}).Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range raw.Bytes {
		c := i / 16 % 3
		if want := (float32(v)/255 - transform.Mean[c]) / transform.Std[c]; b.Images[i] != want {
			t.Fatalf("value %d: %g of %d, want %g", i, b.Images[i], v, want)
		}
	}
}

// Neither a caller that stops in the middle nor one that waits leaves anything running.
func TestCancelling(t *testing.T) {
	set := open(t, shardFolder(t, 50, 50)+"/*", smallWindows)
	before := runtime.NumGoroutine()
	for _, batches := range []int{0, 1, 3} {
		ctx, cancel := context.WithCancelCause(t.Context())
		f, err := set.Feed(ctx, FeedOptions{Batch: 8, Transform: picture.Training(4)})
		if err != nil {
			t.Fatal(err)
		}
		take(t, f, batches)
		stop := errors.New("enough")
		cancel(stop)
		for err == nil {
			_, err = f.Next(context.Background())
		}
		if !errors.Is(err, stop) {
			t.Errorf("after %d batches: %v", batches, err)
		}
		f.Close()
		if _, err := f.Next(context.Background()); err == nil {
			t.Error("a closed feed gives a batch")
		}
	}
	f, err := set.Feed(t.Context(), FeedOptions{Batch: 8, Transform: picture.Training(4)})
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for err == nil { // both may be ready at once
		_, err = f.Next(ended)
	}
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	take(t, f, 2)
	f.Close()
	f.Close()
	if _, err := f.Next(context.Background()); !errors.Is(err, context.Canceled) {
		t.Errorf("a closed feed: %v", err)
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, before %d", runtime.NumGoroutine(), before)
		}
	}
}

// endless is a source that counts how many windows it was asked for.
type endless struct {
	image []byte
	asked atomic.Int64
}

func (e *endless) begin(int64, cursor) error { return nil }
func (e *endless) Close() error              { return nil }
func (e *endless) window(context.Context) (window, error) {
	w := window{begin: cursor{Group: 10 * e.asked.Add(1)}}
	for range 10 {
		w.pairs = append(w.pairs, pair{image: slices.Clone(e.image), complete: true})
	}
	return w, nil
}

// However slow the caller, no more is read than the jobs, two batches and two windows hold.
func TestNoUnboundedReadingAhead(t *testing.T) {
	set := open(t, shardFolder(t, 1)+"/*", Options{})
	ctx, cancel := context.WithCancel(t.Context())
	o := FeedOptions{Batch: 2, Workers: 2, Transform: picture.Training(4)}
	l := newLoader(ctx, set, o, &buffers{}, Position{})
	source := &endless{image: grey(t, "png", 1)}
	done := l.start(source, Position{})
	f := &Feed{loader: l, stop: cancel, done: done}
	defer f.Close()
	take(t, f, 1)
	time.Sleep(100 * time.Millisecond)
	if n := source.asked.Load(); n < 1 || n > 4 {
		t.Errorf("%d windows of 10 pairs were read for one batch of 2", n)
	}
	if p := f.Position(); p.Total.Pairs != 2 || p.Taken != 2 {
		t.Errorf("position %+v runs ahead of what was given", p)
	}
}

func TestOncePutsTheRestIntoASmallBatch(t *testing.T) {
	set := open(t, shardFolder(t, 7)+"/*", Options{})
	f := start(t, set, FeedOptions{Batch: 5, Once: true})
	for _, n := range []int{5, 2} {
		if b, err := f.Next(t.Context()); err != nil || b.N != n {
			t.Fatalf("%d pairs, %v", b.N, err)
		}
	}
	for range 2 {
		if _, err := f.Next(t.Context()); err != io.EOF {
			t.Errorf("after the end: %v", err)
		}
	}
}

func BenchmarkFeed(b *testing.B) {
	var members []member
	for i := range 64 {
		members = append(members, member{fmt.Sprintf("%d.jpg", i), grey(b, "jpg", uint8(i))}, member{fmt.Sprintf("%d.txt", i), []byte("x")})
	}
	set := open(b, put(b, b.TempDir(), "a.tar", tarOf(b, members...)), Options{})
	f, err := set.Feed(b.Context(), FeedOptions{Batch: 64, Transform: picture.Training(224)})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for b.Loop() {
		if _, err := f.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(64*b.N)/b.Elapsed().Seconds(), "samples/s")
}
