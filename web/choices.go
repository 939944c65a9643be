package web

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// choices are what a reader chose of a law; all of it stands in the address, where what is left
// out is the default.
type choices struct {
	Metric, GroupBy, Rule, Law, Select, Unit, Colour, With string
	Group                                                  string // of the laws of GroupBy, this one alone
	Level, From, UpTo, Chance, Holdout, Further            float64
	At, Error                                              float64 // compute to read the law at, an error to reach
	First                                                  int     // row of the table of runs
	Zoom                                                   string  // C and E that the figure runs between: c,c,e,e; empty: all
	Checks, Wait                                           bool
}

// words are the choices by a name, with the default first.
var words = []struct {
	name string
	of   func(*choices) *string
	all  []string
}{
	{"metric", func(c *choices) *string { return &c.Metric }, nil},
	{"group_by", func(c *choices) *string { return &c.GroupBy }, append([]string{""}, sweep.FitGroups...)},
	{"group", func(c *choices) *string { return &c.Group }, nil},
	{"law", func(c *choices) *string { return &c.Law }, sweep.FitLaws},
	{"rule", func(c *choices) *string { return &c.Rule }, append([]string{""}, sweep.FitRules...)},
	{"select", func(c *choices) *string { return &c.Select }, sweep.FitSelect},
	{"unit", func(c *choices) *string { return &c.Unit }, study.Units()},
	{"colour", func(c *choices) *string { return &c.Colour }, []string{"model", "data"}},
	{"with", func(c *choices) *string { return &c.With }, nil},
	{"zoom", func(c *choices) *string { return &c.Zoom }, nil},
}

// amounts are the choices of a number, with the default and the range.
var amounts = []struct {
	name            string
	of              func(*choices) *float64
	usual, low, top float64
}{
	{"level", func(c *choices) *float64 { return &c.Level }, 0.95, 0.51, 0.9999},
	{"from", func(c *choices) *float64 { return &c.From }, 0, 0, 1e300},
	{"up_to", func(c *choices) *float64 { return &c.UpTo }, 0, 0, 1e300},
	{"chance", func(c *choices) *float64 { return &c.Chance }, 0, 0, 1},
	{"holdout", func(c *choices) *float64 { return &c.Holdout }, 0, 0, 1e300},
	{"further", func(c *choices) *float64 { return &c.Further }, 4, 1, 1e6},
	{"at", func(c *choices) *float64 { return &c.At }, 0, 0, 1e300},
	{"error", func(c *choices) *float64 { return &c.Error }, 0, 0, 1e6},
}

// readChoices reads an address. The error wraps sweep.ErrBadInput and names the choice.
func readChoices(q url.Values) (choices, error) {
	c := choices{Checks: q.Get("checks") != "", Wait: q.Get("wait") != ""}
	for _, w := range words {
		text := q.Get(w.name)
		if text == "" && len(w.all) > 0 {
			text = w.all[0]
		}
		if len(w.all) > 0 && !slices.Contains(w.all, text) {
			return c, fmt.Errorf("%s: %w: there is no %q%s; there are %s", w.name, sweep.ErrBadInput, text, meant(text, w.all), strings.Join(choosable(w.all), ", "))
		}
		*w.of(&c) = text
	}
	for _, n := range amounts {
		v := n.usual
		if text := q.Get(n.name); text != "" {
			var err error
			if v, err = strconv.ParseFloat(text, 64); err != nil || math.IsNaN(v) || v < n.low || v > n.top {
				return c, fmt.Errorf("%s: %w: %q is no number from %g to %g", n.name, sweep.ErrBadInput, text, n.low, n.top)
			}
		}
		*n.of(&c) = v
	}
	if _, err := c.zoomed(); err != nil {
		return c, err
	}
	if text := q.Get("first"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1e6 {
			return c, fmt.Errorf("first: %w: %q is no row's number", sweep.ErrBadInput, text)
		}
		c.First = n
	}
	return c, nil
}

// usualChoices are those of an address without any.
func usualChoices() choices {
	c, _ := readChoices(nil) // nothing is wrong with nothing
	return c
}

// query is the address again, without what is the default.
func (c choices) query() url.Values {
	q := url.Values{}
	for _, w := range words {
		if v := *w.of(&c); v != "" && (len(w.all) == 0 || v != w.all[0]) {
			q.Set(w.name, v)
		}
	}
	for _, n := range amounts {
		if v := *n.of(&c); v != n.usual {
			q.Set(n.name, strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	if c.First > 0 {
		q.Set("first", strconv.Itoa(c.First))
	}
	if c.Checks {
		q.Set("checks", "1")
	}
	return q
}

// Rules are those that suit the law; the first is the default.
func (c choices) Rules() []string { return sweep.RulesOf(c.Law) }

// fewResamples is how many runs a law may have to be fitted with every resample and, if wanted,
// checked by other methods while somebody waits.
const fewResamples = 1000

// ask is the question that the choices are. A rule that does not suit the law is the law's own.
func (c choices) ask(runs int) (study.Ask, error) {
	unit, err := study.UnitNamed(c.Unit)
	a := study.Ask{FitAsk: sweep.FitAsk{Metric: c.Metric, GroupBy: c.GroupBy, Law: c.Law, Rule: c.rule(), Select: c.Select}, Unit: unit, Cut: study.Cut{ComputeFrom: c.From, ErrorUpTo: c.UpTo}}
	a.Options = fit.Options{Level: c.Level, Chance: c.Chance, HoldoutAbove: c.Holdout, NoChecks: !c.Checks || runs > fewResamples}
	if runs > fewResamples {
		a.Options.Bootstrap = 400
	}
	return a, cmp.Or(err, a.Check())
}

func (c choices) rule() string {
	if slices.Contains(c.Rules(), c.Rule) {
		return c.Rule
	}
	return ""
}

// zoomed are the ends of the axes; nil: all of it.
func (c choices) zoomed() ([]float64, error) {
	if c.Zoom == "" {
		return nil, nil
	}
	var ends []float64
	for _, text := range strings.Split(c.Zoom, ",") {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("zoom: %w: %q is no number above 0", sweep.ErrBadInput, text)
		}
		ends = append(ends, v)
	}
	if len(ends) != 4 || !(ends[0] < ends[1]) || !(ends[2] < ends[3]) {
		return nil, fmt.Errorf("zoom: %w: %q is not four numbers: the least and most compute, the least and most error", sweep.ErrBadInput, c.Zoom)
	}
	return ends, nil
}

// key names what is fitted and drawn; where the law is read, and which rows are shown, is no part.
func (c choices) key() string {
	c.At, c.Error, c.First, c.Wait = 0, 0, 0, false
	return c.query().Encode()
}

// command asks the same on the command line.
func (c choices) command(name string) string {
	ask, err := c.ask(0)
	if err != nil {
		return ""
	}
	return ask.Command(name)
}

// meant names the choice that is nearest to what was written, where one is near.
func meant(text string, all []string) string {
	if near := sweep.Nearest(text, choosable(all)); near != "" {
		return fmt.Sprintf(", perhaps %q", near)
	}
	return ""
}

// choosable are the choices that have a name: the default of some has none.
func choosable(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" })
}
