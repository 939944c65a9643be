package sweep

import (
	"encoding/json"
	"time"
)

// Attempt is one try at training a run, on one worker.
type Attempt struct {
	RunID         string    `json:"run"`
	Number        int       `json:"attempt"` // 1, 2, ... within the run
	Worker        string    `json:"worker"`
	Host          string    `json:"host"`
	Device        string    `json:"device"`
	ResumedFrom   int64     `json:"resumed_from_step"` // 0: from the start
	StartedAt     time.Time `json:"started_at"`
	EndedAt       time.Time `json:"ended_at"`       // zero while it runs
	DeviceSeconds float64   `json:"device_seconds"` // CPU seconds of wall time on a CPU
	Outcome       State     `json:"outcome"`        // running, succeeded, failed, diverged, cancelled, paused
	Error         string    `json:"error,omitempty"`
}

// Metric is one number of the training stream of a run.
type Metric struct {
	Name        string  `json:"name"` // loss, learning_rate, grad_norm, logit_scale, samples_per_second
	Step        int64   `json:"step"`
	SamplesSeen int64   `json:"samples_seen"`
	Value       float64 `json:"value"`
}

// Artifact names stored bytes by their content.
type Artifact struct {
	URI    string `json:"uri"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Checkpoint is the durable state of a run after a step. Kept ones carry the weights that
// are evaluated; State (optimizer, position in the data) is there while a resume may need it.
type Checkpoint struct {
	RunID       string    `json:"run"`
	Attempt     int       `json:"attempt"`
	Step        int64     `json:"step"`
	SamplesSeen int64     `json:"samples_seen"`
	Kept        bool      `json:"kept"`
	Weights     Artifact  `json:"weights"`
	State       *Artifact `json:"state,omitempty"`
}

// Score is one number of an evaluation, before it is tied to a checkpoint.
type Score struct {
	Task      string  `json:"task"`      // icons-test
	Metric    string  `json:"metric"`    // top1_error
	Revision  string  `json:"revision"`  // of the task: classes, templates, images
	Evaluator string  `json:"evaluator"` // the program and version that computed it
	Value     float64 `json:"value"`
	Samples   int64   `json:"samples"` // number of evaluated samples behind Value
}

// Evaluation is a Score of the checkpoint of a run after a step.
type Evaluation struct {
	RunID string `json:"run"`
	Step  int64  `json:"step"`
	Score
}

// Cell is a run's place in a sweep.
type Cell struct {
	Sweep   string `json:"sweep"`
	Ordinal int    `json:"ordinal"` // 0, 1, ... in the order of the plan; stable under extend
	RunID   string `json:"run"`
	Origin  State  `json:"origin"` // planned (this sweep asked for it first) or reused
	State   State  `json:"state"`  // of the run
}

// SweepRecord is a sweep as stored.
type SweepRecord struct {
	Name        string          `json:"name"`
	Spec        json.RawMessage `json:"spec"` // JSON of the Spec, extended by later extends
	SpecSHA256  string          `json:"spec_sha256"`
	CodeVersion string          `json:"code_version"`
	State       State           `json:"state"`
	Reason      string          `json:"reason,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
	EndedAt     time.Time       `json:"ended_at"`
}

// SweepSummary is a sweep with its cells counted.
type SweepSummary struct {
	SweepRecord
	Counts        map[State]int `json:"counts"` // cells by state; reused counted as succeeded or whatever the run is
	Reused        int           `json:"reused"`
	Total         int           `json:"total"`
	GMACsDone     float64       `json:"gmacs_done"`
	GMACsTotal    float64       `json:"gmacs_total"`
	DeviceSeconds float64       `json:"device_seconds"`
}

// RunSummary is a run with where it stands.
type RunSummary struct {
	Run
	State         State        `json:"state"`
	Reason        string       `json:"reason,omitempty"`
	Step          int64        `json:"step"` // last reported
	Attempts      int          `json:"attempts"`
	DeviceSeconds float64      `json:"device_seconds"`
	Loss          *float64     `json:"loss,omitempty"`   // last logged, when it was finite
	Scores        []Evaluation `json:"scores,omitempty"` // of the last kept checkpoint
}

// ScoredRun is a run as a fit sees it: with its score on one metric at its last kept
// checkpoint, or with the reason why it has none.
type ScoredRun struct {
	Run
	State      State       `json:"state"`
	Score      *Evaluation `json:"score,omitempty"`
	Checkpoint string      `json:"checkpoint,omitempty"` // sha256 of the weights that were scored; empty: there are none
	Reason     string      `json:"reason,omitempty"`
}
