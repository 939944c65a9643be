package fit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// halfDecade is the least span of log10 C that a slope is fitted over.
const halfDecade = 0.5

// intervalMethod says how intervals were made, in every result.
const intervalMethod = "percentile bootstrap over runs, frontier re-extracted in each resample; run intervals add a resampled residual"

// Fit fits the law to the points that the rule takes. A law that the points do not support is
// a Result with Status refused and a reason. Points or options that make no sense, and a
// cancelled ctx, are errors; the former wrap ErrInput. points is not changed.
func Fit(ctx context.Context, points []Point, o Options) (Result, error) {
	o = o.Defaults()
	if err := o.check(); err != nil {
		return Result{}, err
	}
	if err := checkPoints(points); err != nil {
		return Result{}, err
	}
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b Point) int { return strings.Compare(a.ID, b.ID) })
	result, err := newResult(points, o)
	if err != nil {
		return Result{}, err
	}
	nodes := sorted(points)
	taken := rules[o.Rule](nodes, o, nil)
	result.describe(points, taken)
	var c columns
	c.set(taken)
	if reason := refuse(c); reason != nil {
		return result.refused(reason), nil
	}
	law, ok := c.leastSquares()
	if !ok {
		return result.refused(&Note{"singular", "the points on the frontier determine no slope"}), nil
	}
	draws, err := resample(ctx, points, nodes, inflate(c.residuals(law)), o)
	if err != nil {
		return Result{}, fmt.Errorf("bootstrap: %w", err)
	}
	return result.conclude(points, &c, law, draws, o), nil
}

func newResult(points []Point, o Options) (Result, error) {
	sum, err := hashInputs(points, o)
	return Result{
		Law: o.Law, Rule: o.Rule, Group: o.Group, Convention: o.Convention, NPoints: len(points),
		Coefficients: []Coefficient{}, Warnings: []Note{}, Predictions: []Prediction{}, Used: []string{}, Frontier: []Point{}, Excluded: []Excluded{},
		Level: o.Level, IntervalMethod: intervalMethod, Seed: o.Seed, Bootstrap: o.Bootstrap, InputsSHA256: sum, Version: o.Version,
	}, err
}

// describe lists what the rule took and left out. A frontier point of binned-minima has the
// compute of its bin's centre.
func (r *Result) describe(points []Point, taken []node) {
	for _, n := range taken {
		p := points[n.source]
		r.Used = append(r.Used, p.ID)
		if r.Rule == "binned-minima" {
			p.C = math.Pow(10, n.x)
		}
		r.Frontier = append(r.Frontier, p)
	}
	r.NUsed = len(r.Used)
	r.Excluded = leftOut(points, taken, r.Rule)
}

// refuse says why no line may be fitted to these columns, sorted by x; nil when one may.
func refuse(c columns) *Note {
	if n := distinct(c.x); n < 3 {
		return &Note{"too_few_points", fmt.Sprintf("the frontier has %d distinct amounts of compute; a line with an interval needs 3", n)}
	}
	if span := c.x[len(c.x)-1] - c.x[0]; span < halfDecade {
		return &Note{"narrow_range", fmt.Sprintf("the frontier spans a factor of %.3g in compute; a slope needs half a decade (3.16)", math.Pow(10, span))}
	}
	return nil
}

func (r Result) refused(reason *Note) Result {
	r.Status, r.Reason = "refused", reason
	return r
}

// conclude turns the line and its resamples into coefficients, predictions and warnings.
func (r Result) conclude(points []Point, c *columns, law line, draws []draw, o Options) Result {
	r.Status = "ok"
	beta := math.Pow(10, law.intercept)
	r.Formula = fmt.Sprintf("E = %.4g C^%.4f", beta, law.slope)
	r.Objective, r.R2 = sumSquares(c.residuals(law)), c.r2(law)
	var alphas, betas []float64
	for _, d := range draws {
		if d.ok {
			alphas, betas = append(alphas, d.line.slope), append(betas, math.Pow(10, d.line.intercept))
		}
	}
	degenerate := len(draws) - len(alphas)
	if len(alphas) < len(draws)/2 {
		return r.refused(&Note{"no_interval", fmt.Sprintf("%d of %d resamples determine no slope: the points do not support an interval", degenerate, len(draws))})
	}
	alpha := Coefficient{"alpha", law.slope, percentile(alphas, o.Level)}
	r.Coefficients = []Coefficient{alpha, {"beta", beta, percentile(betas, o.Level)}}
	for _, compute := range o.Predict {
		r.Predictions = append(r.Predictions, predict(compute, law, draws, o.Level))
	}
	r.Warnings = append(append(r.Warnings, o.Notes...), judge(points, c, law, alpha, degenerate, o)...)
	return r
}

func predict(compute float64, law line, draws []draw, level float64) Prediction {
	x := math.Log10(compute)
	var laws, runs []float64
	for _, d := range draws {
		if d.ok {
			y := d.line.at(x)
			laws, runs = append(laws, math.Pow(10, y)), append(runs, math.Pow(10, y+d.residual))
		}
	}
	return Prediction{C: compute, Value: math.Pow(10, law.at(x)), LawInterval: percentile(laws, level), RunInterval: percentile(runs, level)}
}
