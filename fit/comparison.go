package fit

// Comparison is what two laws, A and B, tell about each other. Differences are B - A, ratios
// B / A.
type Comparison struct {
	Status         string         `json:"status"` // ok or refused
	Reason         *Note          `json:"reason,omitempty"`
	A              CompareSide    `json:"a"`
	B              CompareSide    `json:"b"`
	Convention     string         `json:"compute_convention"`
	Verdict        *Verdict       `json:"verdict"`
	Coefficients   []Contrast     `json:"coefficients"`   // differences; of laws of the same form
	ErrorRatios    []Contrast     `json:"error_ratios"`   // at equal compute
	ComputeRatios  []Contrast     `json:"compute_ratios"` // for equal error
	Crossing       *Crossing      `json:"crossing"`       // nil: none within a factor of 1000 of the fitted compute
	Level          float64        `json:"level"`
	IntervalMethod string         `json:"interval_method"`
	Paired         int            `json:"paired"` // clusters that both sides have
	Warnings       []Note         `json:"warnings"`
	Options        CompareOptions `json:"options"`
	InputsSHA256   string         `json:"inputs_sha256"`
}

// CompareSide is one of the two as it was fitted.
type CompareSide struct {
	Name    string `json:"name"`
	Metric  string `json:"metric,omitempty"`
	Law     string `json:"law"`
	Rule    string `json:"rule"`
	Formula string `json:"formula"`
	NPoints int    `json:"n_points"`
	NUsed   int    `json:"n_used"`
}

// Contrast is one number that compares the two. An end of the interval is nil where it lies
// further away than was looked.
type Contrast struct {
	Name            string      `json:"name,omitempty"` // of the coefficient
	At              float64     `json:"at,omitempty"`   // the compute C of an error ratio, the error E of a compute ratio
	A               float64     `json:"a"`
	B               float64     `json:"b"`
	Value           float64     `json:"value"`
	Interval        [2]*float64 `json:"interval"`
	Distinguishable bool        `json:"distinguishable"` // the interval leaves out equality, and the verdict is that the laws differ
}

// Crossing is where the two laws give the same error.
type Crossing struct {
	C        float64     `json:"c"`
	E        float64     `json:"e"`
	Interval [2]*float64 `json:"interval"` // of C; nil ends when fewer resamples cross than the level
	Share    float64     `json:"share"`    // of the resamples that cross at all
	Better   string      `json:"better"`   // the side (a, b) with the lower error above the crossing
}

// Verdict is the one test over all of it: whether the two curves may be the same over the
// compute that both were fitted on. P is the share of joint resamples at least as far from
// their centre as "no difference" is (Mahalanobis distance of the differences of log E at the
// two ends of the range); StudentP, for two power laws without clusters in common, that of an
// F-test on the frontiers' points. It takes both to tell the laws apart.
type Verdict struct {
	Distinguishable bool       `json:"distinguishable"`
	P               float64    `json:"p"`
	StudentP        *float64   `json:"student_p"`
	Over            [2]float64 `json:"over"` // compute
	Text            string     `json:"text"`
}
