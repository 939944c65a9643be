package web

import (
	"slices"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// pace is how fast a study goes, from the runs that run now.
type pace struct {
	Running          int      `json:"running"`
	Workers          []string `json:"workers"`
	Devices          []string `json:"devices"`
	SamplesPerSecond float64  `json:"samples_per_second"`
	GMACsPerSecond   float64  `json:"gmacs_per_second"` // of the forward pass
	GMACsDone        float64  `json:"gmacs_done"`
	GMACsLeft        float64  `json:"gmacs_left"`
	SecondsLeft      float64  `json:"seconds_left"` // 0: unknown, as nothing runs
}

func paceOf(runs []store.GridRun) pace {
	p := pace{Workers: []string{}, Devices: []string{}}
	for _, r := range runs {
		p.GMACsDone += r.GMACs * r.Progress
		if !r.State.Final() {
			p.GMACsLeft += r.GMACs * (1 - r.Progress)
		}
		if r.State != sweep.Running {
			continue
		}
		p.Running++
		p.SamplesPerSecond += r.Speed
		p.GMACsPerSecond += r.Speed * r.GMACsPer
		p.Workers, p.Devices = addOnce(p.Workers, r.Worker), addOnce(p.Devices, r.Device)
	}
	if p.GMACsPerSecond > 0 {
		p.SecondsLeft = p.GMACsLeft / p.GMACsPerSecond
	}
	return p
}

func addOnce(all []string, s string) []string {
	if s == "" || slices.Contains(all, s) {
		return all
	}
	return append(all, s)
}
