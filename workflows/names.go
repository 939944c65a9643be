// Package workflows decides what happens next and remembers it: SweepWorkflow, RunWorkflow
// and FitWorkflow. It does nothing itself; activities do.
package workflows

// TaskQueue is where workflows and, unless a run asks for a resource class, activities run.
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

// SweepInput starts a SweepWorkflow.
type SweepInput struct {
	Name        string `json:"name"`
	Spec        []byte `json:"spec"` // JSON of a sweep.Spec
	CodeVersion string `json:"code_version"`
	NoBatch     bool   `json:"no_batch,omitempty"` // a RunWorkflow for each cell, batched trainers too

	// Resume is set by continue-as-new only.
	Resume *SweepResume `json:"resume,omitempty"`
}

// SweepResume is what a SweepWorkflow carries over a continue-as-new.
type SweepResume struct{}

// SweepResult is how a sweep ended.
type SweepResult struct {
	State  string         `json:"state"`
	Counts map[string]int `json:"counts"`
	Fits   []string       `json:"fits"` // ids
}

// Progress answers QueryProgress.
type Progress struct {
	State       string         `json:"state"`
	Total       int            `json:"total"`
	Counts      map[string]int `json:"counts"`
	InFlight    []string       `json:"in_flight"` // run ids
	Concurrency int            `json:"concurrency"`
	GPUHours    float64        `json:"gpu_hours"` // used
	GPULimit    float64        `json:"gpu_hours_limit"`
}

// ExtendInput is the argument of UpdateExtend.
type ExtendInput struct {
	Spec []byte `json:"spec"`
}
