package fit

import (
	_ "embed" // for the measured table
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Coverage is what one way of fitting got right in the synthetic studies of one scenario.
type Coverage struct {
	Scenario    string  `json:"scenario"`
	Holds       bool    `json:"assumptions_hold"` // of this way of fitting, in this scenario
	Law         string  `json:"law"`
	Rule        string  `json:"rule"`
	Interval    string  `json:"interval"`
	Runs        int     `json:"runs"` // points of a study
	Studies     int     `json:"studies"`
	Refused     int     `json:"refused"`        // studies without a fit; they count nowhere below
	Coefficient string  `json:"coefficient"`    // whose coverage, bias and width these are
	Covered     float64 `json:"covered"`        // share of fitted studies whose interval held the truth
	Bias        float64 `json:"bias"`           // mean of estimate less truth
	Width       float64 `json:"width"`          // median of the interval's
	Law10       float64 `json:"law_10x"`        // coverage of the law at 10 times the largest compute
	Run10       float64 `json:"run_10x"`        // coverage of a new run there
	Bias10      float64 `json:"bias_10x"`       // mean of ln of predicted over true error there
	Warned      float64 `json:"warned"`         // share with a warning that the law does not fit
	Date        string  `json:"date,omitempty"` // where it was measured after the rest of the table
}

// CoverageTable is all that was measured in one go, at a nominal 95 %.
type CoverageTable struct {
	Seed      uint64     `json:"seed"`
	Resamples int        `json:"resamples"` // of each bootstrap
	Commit    string     `json:"commit"`
	Machine   string     `json:"machine"`
	Date      string     `json:"date"`
	Took      string     `json:"took"`
	Rows      []Coverage `json:"rows"`
}

// Fitted is the number of studies that had a fit.
func (c Coverage) Fitted() int { return c.Studies - c.Refused }

// MonteCarlo is the standard error that the number of studies leaves in a share of them.
func (c Coverage) MonteCarlo(share float64) float64 {
	n := float64(max(c.Fitted(), 1))
	return math.Sqrt(share * (1 - share) / n)
}

//go:embed coverage.json
var measuredCoverage []byte

// MeasuredCoverage is the table of docs/coverage.md, as this version was measured.
func MeasuredCoverage() (CoverageTable, error) {
	var t CoverageTable
	if err := json.Unmarshal(measuredCoverage, &t); err != nil {
		return t, fmt.Errorf("read the measured coverage: %w", err)
	}
	return t, nil
}

// What every row of the table was measured at.
const (
	measuredLevel = 0.95
	measuredBins  = 5 // of binned-minima
)

// coversLow is the least share that passes for 95 %.
const coversLow = 0.93

// coverageNote says how often such intervals hold the truth, unless they do as often as they
// say.
func coverageNote(o Options) []Note {
	table, err := MeasuredCoverage()
	if err != nil {
		return []Note{{"coverage", err.Error()}}
	}
	how := fmt.Sprintf("of the law %s by the rule %s and the method %s", o.Law, o.Rule, o.IntervalUsed())
	if other := unmeasured(o); len(other) > 0 {
		return []Note{{"coverage", fmt.Sprintf("how often intervals %s hold the truth was not measured with %s", how, strings.Join(other, ", "))}}
	}
	var rows []Coverage
	for _, c := range table.Rows {
		if c.Law == o.Law && c.Rule == o.Rule && c.Interval == o.IntervalUsed() && c.Holds && c.Fitted() > 0 {
			rows = append(rows, c)
		}
	}
	if len(rows) == 0 {
		return []Note{{"coverage", fmt.Sprintf("how often intervals %s hold the truth was not measured", how)}}
	}
	covered, lowest := span(rows, func(c Coverage) float64 { return c.Covered })
	law, _ := span(rows, func(c Coverage) float64 { return c.Law10 })
	run, _ := span(rows, func(c Coverage) float64 { return c.Run10 })
	bias, _ := span(rows, func(c Coverage) float64 { return c.Bias })
	if min(covered[0], law[0], run[0]) >= coversLow {
		return nil
	}
	return []Note{{"coverage", fmt.Sprintf(
		"in %d kinds of synthetic studies a nominal 95 %% interval of %s held the truth in %.0f (%s) to %.0f %%, that of the law at 10 times the compute in %.0f to %.0f %%, that of a new run there in %.0f to %.0f %%; bias of %s %+.4f to %+.4f (docs/coverage.md)",
		len(rows), rows[0].Coefficient, 100*covered[0], lowest, 100*covered[1], 100*law[0], 100*law[1], 100*run[0], 100*run[1], rows[0].Coefficient, bias[0], bias[1])}}
}

// unmeasured are options that make another way of fitting of a measured one.
func unmeasured(o Options) (other []string) {
	for _, c := range []struct {
		is   bool
		what string
	}{
		{o.Level != measuredLevel, fmt.Sprintf("the level %g", o.Level)},
		{o.On != "log", "a fit on " + o.On},
		{o.NoFloor, "no floor"},
		{o.Choose, "a choice among laws"},
		{o.Rule == "binned-minima" && o.Bins != measuredBins, fmt.Sprintf("%d bins", o.Bins)},
		{o.Rule == "pareto-bin" && o.BinFrom != 0, fmt.Sprintf("doublings from %g", o.BinFrom)},
	} {
		if c.is {
			other = append(other, c.what)
		}
	}
	return other
}

// span is the least and the most of a number of the rows, and the scenario of the least.
func span(rows []Coverage, f func(Coverage) float64) (ends [2]float64, lowest string) {
	ends = [2]float64{math.Inf(1), math.Inf(-1)}
	for _, c := range rows {
		if v := f(c); v < ends[0] {
			ends[0], lowest = v, c.Scenario
		}
		ends[1] = max(ends[1], f(c))
	}
	return ends, lowest
}
