package figure

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scalelaw/scalelaw/fit"
)

var exponent = regexp.MustCompile(`\^(-?\d[\d.]*)`)

// Formula sets the exponents of a law's formula as superscripts, shortened to three decimals.
func Formula(formula string) string {
	return exponent.ReplaceAllStringFunc(formula, func(m string) string {
		return "^{" + strings.ReplaceAll(m[1:], "-", minus) + "}"
	})
}

func lawName(r fit.Result) string { return r.Law + " law" + onGroup(r.Group) }

func lawTitle(r fit.Result) string {
	if r.Group == nil {
		return "Law"
	}
	return "Law" + onGroup(r.Group)
}

// describe puts the law's numbers into the corner and the legend.
func (f *Figure) describe(r fit.Result, ink Ink, alone bool) {
	b := Block{Title: lawTitle(r)}
	level := fmt.Sprintf("%g %%", 100*r.Level)
	b.Keys = []Key{{Kind: Line, Ink: ink, Text: lawName(r)}}
	if alone {
		b.Keys = append(b.Keys, Key{Kind: Line, Ink: ink, Dash: true, Text: "extrapolated"},
			Key{Kind: Band, Ink: ink, Text: "law, " + level}, Key{Kind: Band, Ink: ink, Thin: true, Text: "a new run, " + level})
		b.Keys = append(b.Keys, frontierKeys(r)...)
	}
	b.Lines = []string{fmt.Sprintf("rule %s, %d of %d runs", r.Rule, r.NUsed, r.NPoints), fmt.Sprintf("R² %.3f", r.R2)}
	if r.Surface != "" {
		f.Notes = append(f.Notes, "Surface"+onGroup(r.Group)+": "+r.Surface)
	}
	f.Legend = append(f.Legend, b)
	line := Formula(r.Formula)
	if r.Group != nil {
		line = Amount(*r.Group) + ": " + line
	}
	f.Corner = append(f.Corner, line)
	if alone {
		for _, c := range r.Coefficients {
			f.Corner = append(f.Corner, fmt.Sprintf("%s = %s, %s [%s, %s]", Greek(c.Name), digits(c.Value), level, digits(c.Interval[0]), digits(c.Interval[1])))
		}
	}
}

// warn notes each warning once, with the groups that it is about.
func (f *Figure) warn(laws []FittedLaw) {
	about := map[string][]string{}
	var texts []string
	for _, l := range laws {
		for _, w := range l.Result.Warnings {
			if _, ok := about[w.Text]; !ok {
				texts = append(texts, w.Text)
			}
			group := ""
			if l.Result.Group != nil {
				group = Amount(*l.Result.Group)
			}
			about[w.Text] = append(about[w.Text], group)
		}
	}
	for _, text := range texts {
		on := strings.Join(about[text], ", ")
		if on != "" {
			on = " on " + on
		}
		f.Notes = append(f.Notes, "Warning"+on+": "+text)
	}
}

func frontierKeys(r fit.Result) []Key {
	switch {
	case restsOnAll(r):
		return nil
	case r.Rule == "pareto" || r.Rule == "pareto-bin":
		return []Key{{Kind: Stair, Ink: Muted, Text: "frontier"}, {Kind: Points, Ink: Muted, Ring: true, Size: 5.5, Text: "run on it"}}
	}
	return []Key{{Kind: Cross, Ink: Text, Text: "as fitted"}, {Kind: Points, Ink: Muted, Ring: true, Size: 5.5, Text: "run taken"}}
}

var greekNames = strings.NewReplacer("alpha", "α", "beta", "β", "eps", "ε")

// Greek is a coefficient's name as papers write it: alpha is α.
func Greek(name string) string { return greekNames.Replace(name) }

// digits writes a coefficient to four of them, with a real minus.
func digits(v float64) string {
	return strings.ReplaceAll(fmt.Sprintf("%.4g", v), "-", minus)
}
