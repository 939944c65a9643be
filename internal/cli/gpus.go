package cli

import "github.com/scalelaw/scalelaw/activities"

// defaultConcurrency is how many activities a worker takes at once, unless told: sweeps bound
// their own runs by limits.concurrency.
const defaultConcurrency = 16

func (o workerOptions) checkGPUs() error {
	if o.runsPerGPU < 0 || o.runsPerGPU > 64 {
		return usage("--runs-per-gpu is %d; 1 to 64", o.runsPerGPU)
	}
	return nil
}

// atOnce is how many activities a worker takes: on a host with GPUs as many as runs find room on
// them, and one for what takes no device.
func (o workerOptions) atOnce(gpus int) int {
	switch {
	case o.concurrency > 0:
		return o.concurrency
	case gpus > 0:
		return gpus*max(o.runsPerGPU, 1) + 1
	}
	return defaultConcurrency
}

// handOut is what the runs of a worker take their devices from, and how many there are.
func (a *app) handOut(o workerOptions) (*activities.Devices, int) {
	all, err := a.gpus().List()
	if err != nil {
		a.say("runs compute on the CPU: %v", err)
		return activities.NoDevices(err), 0
	}
	ordinals := make([]int, len(all))
	for i, d := range all {
		ordinals[i] = d.Ordinal
		a.say("cuda:%d is %s (%s)", d.Ordinal, d.Name, d.Arch())
	}
	return activities.NewDevices(ordinals, max(o.runsPerGPU, 1)), len(all)
}
