// Compiled compiles every kernel of the trainer with the NVRTC at hand, needs no GPU for it, and
// prints what each takes of a multiprocessor: registers, shared memory, spilled registers. It
// fails on any warning, and on a spill in a kernel that the speed depends on (make cuda-compile).
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
	"github.com/scalelaw/scalelaw/trainer/op/cuda"
)

// newest serves any compiler: nothing is run.
const newest driver.Version = 99990

func main() {
	archs := flag.String("archs", "sm_80,sm_86,sm_89,sm_90,sm_100", "the architectures, separated by commas")
	flag.Parse()
	if err := run(os.Stdout, strings.Split(*archs, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "compiled:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, archs []string) error {
	c, err := nvrtc.Load(library.NewSearch(os.Getenv), newest)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "NVRTC %v, %s\n", c.Version(), c.Library())
	results := compileAll(c, programs(archs))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "arch\tprecision\thead\tkernel\tregisters\tshared\tspilled")
	var wrong []string
	for _, r := range results {
		if r.err != nil {
			return r.err
		}
		for _, u := range r.usage {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\n", r.arch, r.precision, r.headText(), u.kernel, u.registers, u.shared, u.spilled)
		}
		wrong = append(wrong, r.complaints()...)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if wrong != nil {
		return fmt.Errorf("not as it should be:\n%s", strings.Join(wrong, "\n"))
	}
	return nil
}

// program is one text in one variant.
type program struct {
	arch, precision string
	head            int
}

func (p program) headText() string {
	if p.head == 0 {
		return "-"
	}
	return fmt.Sprint(p.head)
}

// heads are the sizes of attention's heads: open_clip's models have 64, 80 (H), 88 (g) and 104
// (bigG); 32 and 128 are the ends.
var heads = map[string][]int{
	sweep.PrecisionFP32: {0, 32, 64, 128},
	sweep.PrecisionTF32: {32, 64, 128}, // the other kernels are fp32's
	sweep.PrecisionBF16: {0, 32, 64, 80, 88, 104, 128},
}

func programs(archs []string) (all []program) {
	for _, arch := range archs {
		for _, precision := range []string{sweep.PrecisionFP32, sweep.PrecisionTF32, sweep.PrecisionBF16} {
			for _, head := range heads[precision] {
				all = append(all, program{arch, precision, head})
			}
		}
	}
	return all
}

type result struct {
	program
	usage []usage
	other []string // lines of the log that tell of nothing usual
	err   error
}

// compileAll compiles on all cores.
func compileAll(c *nvrtc.Compiler, all []program) []result {
	results := make([]result, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				results[i] = compile(c, all[i])
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

func compile(c *nvrtc.Compiler, p program) result {
	text := cuda.Program(p.precision, p.arch, p.head)
	text.Options = append(text.Options, "--ptxas-options=-v")
	made, err := c.Compile(text)
	r := result{program: p, err: err}
	r.usage, r.other = read(made.Log)
	return r
}

// complaints says what is wrong with a program.
func (r result) complaints() (wrong []string) {
	where := fmt.Sprintf("%s %s head %s", r.arch, r.precision, r.headText())
	for _, line := range r.other {
		wrong = append(wrong, where+": "+line)
	}
	if len(r.usage) == 0 {
		wrong = append(wrong, where+": the log tells of no kernel")
	}
	for _, u := range r.usage {
		if u.spilled > 0 && hot(u.kernel) {
			wrong = append(wrong, fmt.Sprintf("%s: %s spills %d bytes of registers", where, u.kernel, u.spilled))
		}
	}
	return wrong
}
