package clip

import (
	"fmt"
	"sort"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// Fits is the largest batch of at most the recipe's that trains in so many bytes of each device,
// cut into as many parts; 0: not even the smallest does.
func Fits(m sweep.Model, r sweep.Recipe, gpu bool, bytes int64) int {
	unit := r.Accumulations() * r.Replicas()
	return unit * (sort.Search(r.BatchSize/unit, func(i int) bool {
		r.BatchSize = (i + 1) * unit
		need, err := Memory(m, r, gpu)
		return err != nil || need > bytes
	}))
}

// parts is the smallest accum_freq with which the whole batch trains in so many bytes; 0: none.
func parts(m sweep.Model, r sweep.Recipe, gpu bool, bytes int64) int {
	share := r.BatchSize / r.Replicas()
	for p := r.Accumulations(); p <= share; p++ {
		if share%p != 0 {
			continue
		}
		r.AccumFreq = p
		if need, err := Memory(m, r, gpu); err == nil && need <= bytes {
			return p
		}
	}
	return 0
}

// tooLarge says what a recipe needs, and which other would fit.
func tooLarge(m sweep.Model, r sweep.Recipe, gpu bool, need, bytes int64) error {
	var ways []string
	if n := Fits(m, r, gpu, bytes); n > 0 {
		ways = append(ways, fmt.Sprintf("batch_size %d", n))
	}
	if p := parts(m, r, gpu, bytes); p > 0 {
		ways = append(ways, fmt.Sprintf("accum_freq %d for the whole batch", p))
	}
	if again := r; m.OpenCLIP != nil && !r.GradCheckpointing {
		again.GradCheckpointing = true
		if n, err := Memory(m, again, gpu); err == nil && n <= bytes {
			ways = append(ways, "grad_checkpointing")
		}
	}
	way := "a smaller model is needed"
	if len(ways) > 0 {
		way = "what fits is " + strings.Join(ways, ", or ")
	}
	return fmt.Errorf("%w: model %s with batch_size %d takes %.1f GB, %.1f GB are free: %s", sweep.ErrDeviceMemory, m.Name, r.BatchSize, float64(need)/1e9, float64(bytes)/1e9, way)
}

// BudgetCPU is what a run takes of the host's memory, and, where that is too little, what would
// fit. 0: the run cannot be trained, as training says.
func BudgetCPU(run sweep.Run) (bytes int64, misfit string) {
	n, err := RunMemory(run)
	if err != nil {
		return 0, ""
	}
	return n, misfitOf(run, false, n, hostMemory())
}

// BudgetGPU is what a run takes of each GPU's memory, of which there is so much.
func BudgetGPU(run sweep.Run, room int64) (bytes int64, misfit string) {
	n, err := Memory(run.Model, run.Recipe, true)
	if err != nil {
		return 0, ""
	}
	return n, misfitOf(run, true, n, room)
}

func misfitOf(run sweep.Run, gpu bool, need, room int64) string {
	if room <= 0 || need <= room {
		return ""
	}
	return tooLarge(run.Model, run.Recipe, gpu, need, room).Error()
}
