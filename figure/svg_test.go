package figure

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// element is a tag of an SVG with its attributes, the text in it and the classes around it.
type element struct {
	name, text, inside string
	attr               map[string]string
}

// elements reads an SVG and fails when it is not well-formed.
func elements(t testing.TB, svg string) []element {
	t.Helper()
	var all []element
	var open []int
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in %.300s", err, svg)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{name: x.Name.Local, attr: map[string]string{}}
			for _, a := range x.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			for _, i := range open {
				e.inside += " " + all[i].attr["class"]
			}
			open = append(open, len(all))
			all = append(all, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			for _, i := range open {
				all[i].text += string(x)
			}
		}
	}
}

func value(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The law's line carries what the fit's JSON has, to the last digit, and every run its numbers.
func TestSVGNumbersAreTheFits(t *testing.T) {
	runs := published(t)
	law := fitted(t, runs, fit.Options{})
	text, err := json.Marshal(law.Result)
	if err != nil {
		t.Fatal(err)
	}
	var want fit.Result
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	all := elements(t, svgOf(t, NewLaw(lawExample(t, runs, law)), lightWide))
	lines, points := 0, map[string]element{}
	for _, e := range all {
		if e.attr["data-alpha"] != "" {
			lines++
			sameCoefficients(t, e, want)
		}
		if e.attr["class"] == "point" {
			points[e.attr["data-id"]] = e
		}
	}
	if lines != 1 || len(points) != 29 {
		t.Fatalf("%d laws, %d points", lines, len(points))
	}
	taken := map[string]bool{}
	for _, id := range want.Used {
		taken[id] = true
	}
	for _, r := range runs {
		e := points[r.ID]
		if value(t, e.attr["data-c"]) != r.C || value(t, e.attr["data-e"]) != r.E || e.attr["data-model"] != r.Model || (e.attr["data-role"] == "used") != taken[r.ID] {
			t.Errorf("%s: %v", r.ID, e.attr)
		}
	}
}

func sameCoefficients(t *testing.T, e element, want fit.Result) {
	t.Helper()
	for _, c := range want.Coefficients {
		for suffix, v := range map[string]float64{"": c.Value, "-low": c.Interval[0], "-high": c.Interval[1]} {
			if got := value(t, e.attr["data-"+c.Name+suffix]); got != v {
				t.Errorf("data-%s%s is %g, the fit has %g", c.Name, suffix, got, v)
			}
		}
	}
	if e.attr["data-n-used"] != "10" || e.attr["data-rule"] != "pareto" || e.attr["data-inputs"] != want.InputsSHA256 {
		t.Errorf("%v", e.attr)
	}
}

// Markers stand where their labels on the axes say: places are read off the picture alone.
func TestMarkersStandWhereTheAxesSay(t *testing.T) {
	all := elements(t, svgOf(t, examples(t)["law"], lightWide))
	x, y := map[string]float64{}, map[string]float64{}
	for _, e := range all {
		if e.name != "text" || !strings.Contains(e.inside, "axes") {
			continue
		}
		if e.attr["text-anchor"] == "middle" {
			x[e.text] = value(t, e.attr["x"])
		} else {
			y[e.text] = value(t, e.attr["y"]) - normal*0.35
		}
	}
	decade := x["1012"] - x["1011"]
	octave := y["20%"] - y["40%"]
	if !(decade > 50 && octave > 50) {
		t.Fatalf("labels %v, %v", x, y)
	}
	compared := 0
	var point element
	for _, e := range all {
		if e.attr["class"] == "point" {
			point = e
		}
		if e.name != "circle" || !strings.Contains(e.inside, "point") {
			continue
		}
		compared++
		wantX := x["1011"] + decade*(math.Log10(value(t, point.attr["data-c"]))-11)
		wantY := y["40%"] + octave*math.Log2(0.4/value(t, point.attr["data-e"]))
		if math.Abs(value(t, e.attr["cx"])-wantX) > 0.05 || math.Abs(value(t, e.attr["cy"])-wantY) > 0.05 {
			t.Errorf("%v at %s, %s; the axes say %.2f, %.2f", point.attr, e.attr["cx"], e.attr["cy"], wantX, wantY)
		}
	}
	if compared < 5 {
		t.Fatalf("compared %d circles", compared)
	}
}

func TestSVGIsSmallAndTextIsText(t *testing.T) {
	for name, f := range examples(t) {
		svg := svgOf(t, f, lightWide)
		if len(svg) > 60<<10 {
			t.Errorf("%s has %d bytes", name, len(svg))
		}
		words := ""
		for _, e := range elements(t, svg) {
			if e.name == "text" {
				words += e.text + "\n"
			}
		}
		for _, want := range []string{f.Title, f.X.Label, f.Y.Label} {
			if !strings.Contains(words, want) {
				t.Errorf("%s has no text %q", name, want)
			}
		}
	}
}

// A refusal stands in the plot, and no line does.
func TestRefusalIsShown(t *testing.T) {
	all := elements(t, svgOf(t, examples(t)["law-refused"], lightWide))
	reason, points := "", 0
	for _, e := range all {
		if strings.Contains(e.inside, "refusal") && e.name == "text" {
			reason += e.text + " "
		}
		if e.attr["class"] == "point" {
			points++
		}
		if e.attr["class"] == "layer line" {
			t.Errorf("a line was drawn: %v", e.attr)
		}
	}
	if !strings.Contains(reason, "2 distinct amounts of compute") || points != 2 {
		t.Errorf("%q with %d points", reason, points)
	}
}
