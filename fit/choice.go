package fit

import (
	"fmt"
	"slices"
	"strings"
)

// Choice is which of the nested laws the points support, and the evidence.
type Choice struct {
	Law   string    `json:"law"`
	Why   string    `json:"why"`
	Tried []Attempt `json:"tried"` // from the simplest
}

// Attempt is how one law of a choice fared.
type Attempt struct {
	Law                string   `json:"law"`
	Status             string   `json:"status"`
	Reason             *Note    `json:"reason,omitempty"`
	Formula            string   `json:"formula,omitempty"`
	R2                 float64  `json:"r2"`
	AICc               *float64 `json:"aicc"`
	LeaveOneComputeOut *float64 `json:"leave_one_compute_out"`
}

// families are laws of the same columns, each nested in the next.
func families() [][]string {
	return [][]string{{"power", "power-floor", "shifted"}, {"chinchilla", "data-limited"}}
}

// worthwhile is by how much AICc must fall for a law with more coefficients.
const worthwhile = 2

// choose fits the laws of e's family, as far as the points have their columns, and returns the
// estimate of the one that they support: the simplest, unless a larger one is identifiable and
// its AICc lower by more than 2. Choice says so.
func (e *estimate) choose() (*estimate, *Choice) {
	c := &Choice{}
	var best *estimate
	var lowest *float64
	for _, name := range e.family() {
		try := e.as(name)
		a := Attempt{Law: name, Status: "ok"}
		if a.Reason = try.fit(); a.Reason != nil {
			a.Status = "refused"
			c.Tried = append(c.Tried, a)
			if best == nil {
				best = try
			}
			continue
		}
		g := goodness(try)
		a.Formula, a.R2, a.AICc, a.LeaveOneComputeOut = try.law.formula(try.law.coefficients(try.theta)), r2(try.law, try.theta, try.taken), g.AICc, g.LeaveOneComputeOut
		c.Tried = append(c.Tried, a)
		if best == nil || best.theta == nil || lowest != nil && a.AICc != nil && *a.AICc < *lowest-worthwhile {
			best, lowest = try, a.AICc
		}
	}
	c.Law, c.Why = best.o.Law, c.why(best)
	return best, c
}

// family is the family of e's law without laws whose columns the points lack.
func (e *estimate) family() []string {
	i := slices.IndexFunc(families(), func(f []string) bool { return slices.Contains(f, e.o.Law) })
	if i < 0 {
		return []string{e.o.Law}
	}
	return slices.DeleteFunc(families()[i], func(name string) bool {
		o := e.o
		o.Law = name
		return checkPoints(e.points, o) != nil
	})
}

func (c *Choice) why(best *estimate) string {
	if best.theta == nil {
		return "no law of its family can be fitted"
	}
	var against []string
	for _, a := range c.Tried {
		switch {
		case a.Law == best.o.Law:
		case a.Reason != nil:
			against = append(against, fmt.Sprintf("%s is refused (%s)", a.Law, a.Reason.Code))
		case a.AICc == nil:
			against = append(against, fmt.Sprintf("%s has too many coefficients for so few points", a.Law))
		default:
			against = append(against, fmt.Sprintf("%s has AICc %.1f", a.Law, *a.AICc))
		}
	}
	own := "is the simplest"
	if g := goodness(best); g.AICc != nil {
		own = fmt.Sprintf("has AICc %.1f", *g.AICc)
	}
	return fmt.Sprintf("%s %s; %s. A larger law must be identifiable and lower AICc by more than %d", best.o.Law, own, strings.Join(against, ", "), worthwhile)
}
