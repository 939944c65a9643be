// Package workflows decides what happens next and remembers it: SweepWorkflow, RunWorkflow,
// FitWorkflow and EvaluateWorkflow. It does nothing itself; activities do.
package workflows

import (
	"go.temporal.io/sdk/temporal"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// TaskQueue is where workflows and activities run.
const TaskQueue = "scalelaw"

// SweepID and RunID are the workflow ids: a sweep's name is taken once, a run's content once.
func SweepID(name string) string { return "sweep/" + name }

// RunID is the workflow id of a run.
func RunID(id string) string { return "run/" + id }

// Updates and queries of a SweepWorkflow.
const (
	UpdatePause          = "pause"
	UpdateResume         = "resume"
	UpdateCancel         = "cancel"
	UpdateRetry          = "retry"
	UpdateExtend         = "extend"
	UpdateSetConcurrency = "set_concurrency"
	UpdateSetGPUHours    = "set_gpu_hours"
	QueryProgress        = "progress"
)

// Signals between sweeps and runs. A run is told who wants it; a sweep how a run ended.
const (
	signalWant    = "want"    // Want: to a RunWorkflow
	signalOutcome = "outcome" // Outcome: to a SweepWorkflow
)

// Search attributes, by which sweeps and runs are found in Temporal's UI.
var (
	AttributeSweep       = temporal.NewSearchAttributeKeyKeyword("ScalelawSweep")
	AttributeRun         = temporal.NewSearchAttributeKeyKeyword("ScalelawRun")
	AttributeModel       = temporal.NewSearchAttributeKeyKeyword("ScalelawModel")
	AttributeData        = temporal.NewSearchAttributeKeyKeyword("ScalelawData")
	AttributeState       = temporal.NewSearchAttributeKeyKeyword("ScalelawState")
	AttributeTrainer     = temporal.NewSearchAttributeKeyKeyword("ScalelawTrainer")
	AttributeSamplesSeen = temporal.NewSearchAttributeKeyInt64("ScalelawSamplesSeen")
)

// SweepInput starts a SweepWorkflow.
type SweepInput struct {
	Name        string `json:"name"`
	Spec        []byte `json:"spec"` // JSON of a sweep.Spec
	CodeVersion string `json:"code_version"`
	NoBatch     bool   `json:"no_batch,omitempty"` // a RunWorkflow for each cell, batched trainers too
	// RetryDiverged launches diverged cells again, too; failed and cancelled ones always are.
	RetryDiverged bool `json:"retry_diverged,omitempty"`

	// Pages is where ours are, for links to them in Temporal's UI; empty: there are none.
	Pages string `json:"pages,omitempty"`

	// EventsPerRun is how long a history may grow before it begins anew; 0: eventsPerRun.
	EventsPerRun int `json:"events_per_run,omitempty"`

	// Resume is set by continue-as-new only.
	Resume *SweepResume `json:"resume,omitempty"`
}

// SweepResume is what a SweepWorkflow carries over a continue-as-new: nothing that grows with
// the number of cells but those in flight, at most 500.
type SweepResume struct {
	Plan          activities.PlanResult `json:"plan"`
	Next          int                   `json:"next"`
	InFlight      []string              `json:"in_flight"`
	Counts        map[sweep.State]int   `json:"counts"`
	DeviceSeconds float64               `json:"device_seconds"`
	Paused        bool                  `json:"paused,omitempty"`
	Cancelled     bool                  `json:"cancelled,omitempty"`
	Rescan        bool                  `json:"rescan,omitempty"`
	Failing       []string              `json:"failing,omitempty"`
	Skip          []string              `json:"skip,omitempty"`
	Seen          int                   `json:"seen,omitempty"`
}

// SweepResult is how a sweep ended.
type SweepResult struct {
	State  sweep.State             `json:"state"`
	Counts map[sweep.State]int     `json:"counts"`
	Fits   []activities.FitOutcome `json:"fits"`
}

// Progress answers QueryProgress and every update.
type Progress struct {
	State       sweep.State         `json:"state"`
	Total       int                 `json:"total"`
	Counts      map[sweep.State]int `json:"counts"`
	InFlight    []string            `json:"in_flight"` // run ids
	Concurrency int                 `json:"concurrency"`
	GPUHours    float64             `json:"gpu_hours"`       // used
	GPULimit    float64             `json:"gpu_hours_limit"` // 0: none
}

// ExtendInput is the argument of UpdateExtend.
type ExtendInput struct {
	Spec []byte `json:"spec"`
}

// RetryInput is the argument of UpdateRetry.
type RetryInput struct {
	Diverged bool `json:"diverged"`
}

// RunInput starts a RunWorkflow.
type RunInput struct {
	RunID    string   `json:"run"`
	Sweep    string   `json:"sweep"` // the workflow id of the sweep that starts it
	Tasks    []string `json:"tasks"`
	Attempts int      `json:"attempts"`
	Pages    string   `json:"pages,omitempty"` // as of SweepInput
}

// RunResult is how a run ended; of one that failed or diverged it is the error's detail.
type RunResult struct {
	State         sweep.State `json:"state"`
	Reason        string      `json:"reason,omitempty"`
	DeviceSeconds float64     `json:"device_seconds"`
}

// Want says who wants a run, and how: running, paused, or (cancelled) not any more. With
// Tell set the run signals its outcome back.
type Want struct {
	Sweep string      `json:"sweep"` // workflow id
	How   sweep.State `json:"how"`
	Tell  bool        `json:"tell,omitempty"`
}

// Outcome tells a sweep how a run ended.
type Outcome struct {
	RunID string `json:"run"`
	RunResult
}
