package web

import (
	"strings"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// trouble is a run that failed or diverged, with what can be done about it.
type trouble struct {
	store.GridRun
	Advice string
}

// maxTroubles is how many are listed.
const maxTroubles = 20

// troubles are the first runs that failed or diverged, and how many more there are.
func troubles(runs []store.GridRun) (first []trouble, more int) {
	for _, r := range runs {
		switch {
		case r.State != sweep.Failed && r.State != sweep.Diverged:
		case len(first) == maxTroubles:
			more++
		default:
			first = append(first, trouble{r, advice(r)})
		}
	}
	return first, more
}

// advices say what helps against a kind of failure, by a word of its reason.
var advices = []struct {
	kind error
	text string
}{
	{sweep.ErrOutOfMemory, "A smaller batch_size fits, or a worker with more memory."},
	{sweep.ErrDeviceMemory, "A smaller batch_size fits, or a device with more memory."},
	{sweep.ErrDataMissing, "The worker's host does not have the files; give them to it, then retry."},
	{sweep.ErrNoSpace, "The worker's disk is full; make room (`scalelaw prune`), then retry."},
	{sweep.ErrNoDevice, "Start a worker on a host with such a device, then retry."},
	{sweep.ErrDeviceBusy, "Another program uses the device; retry when it is free."},
	{sweep.ErrDeviceLost, "The device went away in mid-run; its host's log says why. Retry goes on from the last checkpoint."},
	{sweep.ErrUnreachable, "Servers were away; retry goes on from the last checkpoint."},
}

func advice(r store.GridRun) string {
	if r.State == sweep.Diverged {
		return "The same recipe diverges again: extend the study with a smaller learning_rate or a longer warmup. Fits leave this run out and say so."
	}
	for _, a := range advices {
		if strings.Contains(r.Reason, a.kind.Error()) {
			return a.text
		}
	}
	return "Retry launches it again; the attempts on the run's page tell more."
}
