// Package fit turns points (compute, error) into a law with honest intervals, or into a
// reason why there is none. It knows no run, no database and no clock: the same points,
// options and seed give the same bytes.
package fit

// Point is one trained model on one task.
type Point struct {
	ID      string  `json:"id"`                // the run's
	C       float64 `json:"c"`                 // compute, in the unit of Options.Convention
	E       float64 `json:"e"`                 // error as a fraction, in (0, 1]
	N       float64 `json:"n,omitempty"`       // parameters or MACs a sample, for laws that use it
	D       float64 `json:"d,omitempty"`       // samples seen or tokens, for laws that use it
	U       float64 `json:"u,omitempty"`       // unique pairs or tokens, for laws that use it
	Samples float64 `json:"samples,omitempty"` // that the error was measured on; 0: not known
	Cluster string  `json:"cluster,omitempty"` // points that are resampled together; empty: ID
}

// Options is everything beside the points that decides a Result.
type Options struct {
	Law          string    `json:"law"`                     // power, power-floor, shifted, chinchilla, isoflop, data-limited
	Rule         string    `json:"rule"`                    // pareto, binned-minima, pareto-bin, all; of isoflop: parabola
	Bins         int       `json:"bins"`                    // of binned-minima
	Pad          float64   `json:"pad"`                     // of binned-minima, in decades
	BinFrom      float64   `json:"bin_from,omitempty"`      // of pareto-bin: compute that doublings are counted from; 0: the least
	On           string    `json:"fit_on"`                  // log or error
	YIs          string    `json:"y_is,omitempty"`          // loss: E may be above 1
	Chance       float64   `json:"chance,omitempty"`        // error of guessing; 0: 1
	NoFloor      bool      `json:"no_floor,omitempty"`      // chinchilla and data-limited without E
	HoldoutAbove float64   `json:"holdout_above,omitempty"` // points of more compute are predicted, not fitted; 0: none
	Choose       bool      `json:"choose,omitempty"`        // of the laws like Law, the one that the points support
	Bootstrap    int       `json:"bootstrap"`               // resamples
	Seed         uint64    `json:"seed"`
	Level        float64   `json:"level"`
	Interval     string    `json:"interval,omitempty"`  // t, percentile, bca, profile, jackknife; empty: what suits the rule
	Samples      float64   `json:"samples,omitempty"`   // that errors were measured on, unless a point says; 0: not known
	NoChecks     bool      `json:"no_checks,omitempty"` // leave out Result.Checks and what takes as long
	Predict      []float64 `json:"predict,omitempty"`   // compute values
	Group        *string   `json:"group"`
	Convention   string    `json:"compute_convention"`
	Version      string    `json:"version"`         // of the code
	Notes        []Note    `json:"notes,omitempty"` // about the inputs; repeated among the warnings
}

// Result is a fit or a refusal, as the command line, the database and the web give it.
type Result struct {
	Status         string        `json:"status"` // ok or refused
	Reason         *Note         `json:"reason,omitempty"`
	Law            string        `json:"law"`
	Rule           string        `json:"rule"`
	Group          *string       `json:"group"`
	Formula        string        `json:"formula,omitempty"`
	Surface        string        `json:"surface,omitempty"` // of the rule envelope: its forms and their weights
	Convention     string        `json:"compute_convention"`
	NPoints        int           `json:"n_points"`
	NUsed          int           `json:"n_used"`
	Coefficients   []Coefficient `json:"coefficients"`
	Level          float64       `json:"level"`
	IntervalMethod string        `json:"interval_method"`
	Checks         []Check       `json:"interval_checks,omitempty"` // the same coefficients by other methods
	Objective      float64       `json:"objective"`
	R2             float64       `json:"r2"`
	Goodness       *Goodness     `json:"goodness,omitempty"`
	Starts         *Starts       `json:"starts,omitempty"`
	Choice         *Choice       `json:"choice,omitempty"`
	Holdout        *Holdout      `json:"holdout,omitempty"`
	Sensitivity    []Sensitivity `json:"sensitivity,omitempty"`
	Suspects       []Suspect     `json:"suspects,omitempty"` // proposed, never left out
	Warnings       []Note        `json:"warnings"`
	Predictions    []Prediction  `json:"predictions"`
	Used           []string      `json:"used"`
	Frontier       []Point       `json:"frontier"` // the points that the line was fitted to, as fitted
	Excluded       []Excluded    `json:"excluded"`
	Seed           uint64        `json:"seed"`
	Bootstrap      int           `json:"bootstrap"`
	InputsSHA256   string        `json:"inputs_sha256"`
	Version        string        `json:"version"`
}

// Note is a code for programs and a sentence for people.
type Note struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Coefficient is a number of the law with its interval.
type Coefficient struct {
	Name     string     `json:"name"`
	Value    float64    `json:"value"`
	Interval [2]float64 `json:"interval"`
}

// Prediction is the law's error at a compute: where the law lies, and where a new run would.
// Laws of N and D give it at their best split of the compute, N and D.
type Prediction struct {
	C           float64    `json:"c"`
	Value       float64    `json:"value"`
	LawInterval [2]float64 `json:"law_interval"`
	RunInterval [2]float64 `json:"run_interval"`
	N           float64    `json:"n,omitempty"`
	D           float64    `json:"d,omitempty"`
}

// Goodness is how well a law fits the points that the rule took. Misses are natural logarithms
// of E over the law's, so 0.05 is about 5 %. What too few points leave undefined is null.
type Goodness struct {
	Scatter            float64  `json:"scatter"`               // root mean square miss, per degree of freedom
	AICc               *float64 `json:"aicc"`                  // of normal misses
	LeaveOneComputeOut *float64 `json:"leave_one_compute_out"` // root mean square miss of points whose compute was not fitted
	QuadraticP         float64  `json:"quadratic_p"`           // of no bend in log C
	RunsP              float64  `json:"runs_p"`                // of no long runs of one sign along C
}

// Starts is how sure the optimum is.
type Starts struct {
	Count int `json:"count"`
	Agree int `json:"agree"` // ended within 0.1 % of the best objective
	Best  int `json:"best"`  // number of the start, from 0, that came to the best
}

// Excluded is a point that the line was not fitted to, and why.
type Excluded struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Record is an immutable fit with what it rests on. Its names of sweeps, metrics and runs
// are labels to this package: it only hashes and carries them.
type Record struct {
	ID      string     `json:"fit"` // hash of everything below but Result
	Sweep   string     `json:"sweep"`
	Metric  string     `json:"metric"`
	GroupBy string     `json:"group_by,omitempty"`
	Select  string     `json:"select"`
	Options Options    `json:"options"`
	Inputs  []Evidence `json:"inputs"`
	Result  Result     `json:"result"`
}

// Evidence ties a point to what it was measured on, and says what became of it.
type Evidence struct {
	Point
	Runs      []string `json:"runs"` // several when seeds are averaged
	Step      int64    `json:"step"`
	Revision  string   `json:"revision"` // of the task
	Evaluator string   `json:"evaluator"`
	Scores    []Score  `json:"scores,omitempty"` // of each of the runs
	Used      bool     `json:"used"`
	Reason    string   `json:"reason,omitempty"` // why not used
}

// Score is what one run brought to a point.
type Score struct {
	Run        string  `json:"run"`
	Step       int64   `json:"step"`
	Checkpoint string  `json:"checkpoint,omitempty"` // sha256 of the weights
	Revision   string  `json:"revision"`             // of the task
	Evaluator  string  `json:"evaluator"`
	Value      float64 `json:"value"` // as the evaluator gave it: an error, or a share of successes
}
