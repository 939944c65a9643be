package sweep

// PlanResult is what a Spec comes to: its runs in grid order, what they cost, what is odd.
type PlanResult struct {
	Name       string       `json:"name"`
	Runs       []PlannedRun `json:"runs"`
	Totals     Totals       `json:"totals"`
	Warnings   []Warning    `json:"warnings"`
	Convention string       `json:"compute_convention"`
}

// PlannedRun is a run of a plan with what is known beforehand.
type PlannedRun struct {
	Run
	Estimate Estimate `json:"estimate"`
	Reused   *bool    `json:"reused"` // nil: unknown, there was no database to ask
}

// Estimate is what a run is expected to take. Source says where it comes from (measured on
// this machine, a table, ...); an empty Source means that the time is not known.
type Estimate struct {
	Seconds float64 `json:"seconds"`
	Source  string  `json:"source"`
	Memory  int64   `json:"memory_bytes"` // of each device, while it trains; 0: unknown
	Device  string  `json:"device"`       // whose memory: the CPU's, or a GPU's
	Misfit  string  `json:"misfit"`       // why it has not so much, and what would fit; "": it has

	// Cost is that of the time, on as many devices as the run takes, by the spec's price of a
	// device hour; nil without a price or a time.
	Cost *float64 `json:"cost,omitempty"`
}

// Totals sums a plan.
type Totals struct {
	Runs              int     `json:"runs"`
	Reused            int     `json:"reused"`
	SamplesSeen       int64   `json:"samples_seen"`
	ActualSamplesSeen int64   `json:"actual_samples_seen"`
	GMACs             float64 `json:"gmacs"`          // of all runs
	GMACsToTrain      float64 `json:"gmacs_to_train"` // of those not reused
	Seconds           float64 `json:"seconds"`        // of those not reused, one after the other
	SecondsSource     string  `json:"seconds_source"`

	Cost *float64 `json:"cost,omitempty"` // of those not reused; nil where that of any is unknown
}

// Warning is something a researcher should look at before launching.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// KnownRun is what a database holds of a run already.
type KnownRun struct {
	State       State
	Checkpoints int // kept
}

// Known are the runs that exist, by id. A nil Known means that there was no database to ask.
type Known map[string]KnownRun

// Estimator tells what a run will take; nil knows nothing.
type Estimator func(Run) Estimate
