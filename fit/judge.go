package fit

import (
	"fmt"
	"math"
)

// nearChance is the share of the error of guessing above which a point says little, and
// saturated the error below which it does: the curve is flat there.
const (
	nearChance = 0.95
	saturated  = 0.02
)

// remarks collects warnings.
type remarks []Note

func (r *remarks) note(is bool, code, format string, args ...any) {
	if is {
		*r = append(*r, Note{code, fmt.Sprintf(format, args...)})
	}
}

// judge says in words what a reader of the coefficients should know.
func judge(e *estimate, r *Result, degenerate int) []Note {
	var notes remarks
	g := r.Goodness
	notes.note(r.R2 < 0.9, "low_r2", "the law explains %.0f %% of the variance of log E: it may not hold here", 100*r.R2)
	notes.note(g.QuadraticP < 0.05, "curvature", "the residuals bend (quadratic term in log C, p = %.2g): expect misses when extrapolating", g.QuadraticP)
	notes.note(g.RunsP < 0.05 && g.QuadraticP >= 0.05, "curvature", "the residuals have long runs of one sign along C (runs test, p = %.2g): expect misses when extrapolating", g.RunsP)
	judgeExponents(&notes, r.Coefficients)
	judgeRange(&notes, e)
	notes = append(notes, coverageNote(e.o)...)
	judgeValley(&notes, e)
	judgeCopies(&notes, e.points)
	judgeHoldout(&notes, e)
	notes.note(degenerate > 0, "degenerate_resamples", "%d of %d resamples determined no law and were left out", degenerate, e.o.Bootstrap)
	notes.note(len(r.Suspects) > 0, "suspects", "%d of %d points are much worse than their neighbours: see suspects", len(r.Suspects), len(e.points))
	low, high := e.taken[0].x, e.taken[len(e.taken)-1].x
	for _, compute := range e.o.Predict {
		far := max(math.Log10(compute)-high, low-math.Log10(compute))
		notes.note(far > 1, "extrapolation", "the prediction at C = %.3g lies a factor %.3g outside the fitted compute", compute, pow10(far))
	}
	return notes
}

// judgeExponents looks at the powers of C, which should be negative, and of N and D, which
// enter as -alpha and -beta.
func judgeExponents(notes *remarks, coefficients []Coefficient) {
	byName := map[string]Coefficient{}
	for _, c := range coefficients {
		byName[c.Name] = c
	}
	if _, surface := byName["A"]; surface {
		for _, name := range []string{"alpha", "beta"} {
			notes.note(byName[name].Interval[0] <= 2*minExponent, "zero_in_interval", "the interval of %s contains 0: these runs do not show that it matters", name)
		}
		return
	}
	for _, name := range []string{"alpha", "c"} {
		x, ok := byName[name]
		notes.note(ok && x.Interval[0] <= 0 && x.Interval[1] >= 0, "zero_in_interval", "the interval of %s contains 0: these runs do not show that error falls with compute", name)
		notes.note(ok && x.Value > 0, "error_rises", "the fitted error rises with compute")
	}
}

// judgeRange looks for points where any curve of errors is flat.
func judgeRange(notes *remarks, e *estimate) {
	if e.o.YIs == "loss" {
		return
	}
	limit := nearChance
	if e.o.Chance > 0 {
		limit *= e.o.Chance
	}
	chance, full := 0, 0
	for _, p := range e.points {
		if p.E > limit {
			chance++
		}
		if p.E < saturated {
			full++
		}
	}
	notes.note(chance > 0, "near_chance", "%d of %d points have an error above %.2f, near chance, where the curve is flat", chance, len(e.points), limit)
	notes.note(full > 0, "saturated", "%d of %d points have an error below %.2f, where most metrics saturate and labels are wrong", full, len(e.points), saturated)
}
