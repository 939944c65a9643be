package fit

import (
	"math"
	"slices"
)

// law is the shape of a curve: what its numbers are called and how they are found. A theta is
// the vector of its parameters on the scale on which they are fitted: logarithms of what must
// be positive. Laws are built for the points at hand, are read only, and are shared by
// goroutines.
type law interface {
	names() []string // of the coefficients, in the order of coefficients
	// fit finds the theta of the nodes, which it does not change. from is where to start, as a
	// resample does from the law of all points; nil: everywhere that the law knows of. ok is
	// false when no theta is determined.
	fit(nodes []node, from []float64, s *scratch) (solution, bool)
	coefficients(theta []float64) []float64 // as people read them
	formula(coefficients []float64) string
	at(theta []float64, n node) float64 // log10 E at the node, whose y and weight are not read
	atCompute(theta []float64, c float64) optimum
}

// optimum is the lowest error that a law allows at a compute: log10 E, and for laws of N and D
// the split of the compute that reaches it.
type optimum struct{ y, n, d float64 }

// solution is what a law's fit found. theta belongs to the scratch until it is cloned.
type solution struct {
	theta     []float64
	objective float64
	starts    int // from how many places
	agree     int // how many of them ended at this objective
	best      int // which start came first to it
	converged bool
}

// lawInfo is a row of the table of laws.
type lawInfo struct {
	name    string
	rules   []string // that suit it, its default first
	on      []string // what its misses are measured on
	columns string   // beside C and E: letters of N, D, U
	simpler []string // laws nested in it
	build   func(nodes []node, o Options) law
}

var (
	powerRules   = []string{"pareto", "binned-minima", "pareto-bin", "all", "envelope"}
	computeRules = []string{"pareto", "binned-minima", "pareto-bin", "all"}
	logOnly      = []string{"log"}
	logOrError   = []string{"log", "error"}
	surfaceRules = []string{"all"} // a law of N and D explains runs off the frontier too
)

func lawTable() []lawInfo {
	return []lawInfo{
		{name: "power", rules: powerRules, on: logOrError, build: newPower},
		{name: "power-floor", rules: computeRules, on: logOrError, simpler: []string{"power"}, build: newFloor},
		{name: "shifted", rules: computeRules, on: logOrError, simpler: []string{"power", "power-floor"}, build: newShifted},
		{name: "chinchilla", rules: surfaceRules, on: logOnly, columns: "ND", build: newChinchilla},
		{name: "isoflop", rules: []string{"parabola"}, on: logOnly, columns: "ND", build: newIsoflop},
		{name: "data-limited", rules: surfaceRules, on: logOnly, columns: "NDU", simpler: []string{"chinchilla"}, build: newDataLimited},
	}
}

func infoOf(name string) (lawInfo, bool) {
	table := lawTable()
	i := slices.IndexFunc(table, func(l lawInfo) bool { return l.name == name })
	if i < 0 {
		return lawInfo{}, false
	}
	return table[i], true
}

// Laws lists the laws.
func Laws() []string {
	var names []string
	for _, l := range lawTable() {
		names = append(names, l.name)
	}
	return names
}

// RulesFor lists the rules that suit a law, its default first; none for an unknown law.
func RulesFor(name string) []string {
	info, _ := infoOf(name)
	return slices.Clone(info.rules)
}

// ColumnsOf says which of N, D and U a law needs of each point beside C and E, as letters.
func ColumnsOf(name string) string {
	info, _ := infoOf(name)
	return info.columns
}

// scratch is the memory that one goroutine's fits reuse.
type scratch struct {
	theta    vector
	descent  *descent  // of a sumLaw
	envelope []float64 // theta of an envelope
}

const maxDim = 6

// fitter is one goroutine's way from weighted points to a law: the rule, then the law's fit.
type fitter struct {
	rule  rule
	law   law
	o     Options
	from  []float64 // where fits start; nil: from everywhere
	taken []node    // what the rule took in the last fit
	scratch
}

func newFitter(l law, o Options, from []float64) *fitter {
	return &fitter{rule: rules[o.Rule], law: l, o: o, from: from}
}

// fit extracts the frontier of the points anew and fits the law to it. The points are sorted
// as sorted does; their weights say how often each counts.
func (f *fitter) fit(points []node) (solution, bool) {
	f.taken = f.rule(points, f.o, f.taken[:0])
	return f.law.fit(f.taken, f.from, &f.scratch)
}

// residuals are log10 E minus the law.
func residuals(l law, theta []float64, nodes []node) []float64 {
	r := make([]float64, len(nodes))
	for i, n := range nodes {
		r[i] = n.y - l.at(theta, n)
	}
	return r
}

// r2 is the share of the variance of log10 E that the law explains.
func r2(l law, theta []float64, nodes []node) float64 {
	var mean, weight float64
	for _, n := range nodes {
		mean, weight = mean+n.weight*n.y, weight+n.weight
	}
	mean /= weight
	var unexplained, total float64
	for _, n := range nodes {
		unexplained += n.weight * square(n.y-l.at(theta, n))
		total += n.weight * square(n.y-mean)
	}
	if total == 0 {
		return 1
	}
	return 1 - unexplained/total
}

func square(x float64) float64 { return x * x }

func sumSquares(r []float64) float64 {
	var s float64
	for _, v := range r {
		s += v * v
	}
	return s
}

// pow10 is 10^y, at most 1e308: JSON has no infinity, and the coefficients of a resample that
// hardly determines them may reach it.
func pow10(y float64) float64 { return math.Pow(10, min(y, 308)) }
