package cli

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// smallestGPU names the GPU of the host with the least memory, and its bytes; none: "", 0.
func (a *app) smallestGPU() (name string, bytes int64) {
	all, err := a.gpus().List()
	if err != nil || len(all) == 0 {
		return "", 0
	}
	least := slices.MinFunc(all, func(a, b driver.Info) int { return cmp.Compare(a.Memory, b.Memory) })
	return fmt.Sprintf("cuda:%d, %s", least.Ordinal, least.Name), least.Memory
}
