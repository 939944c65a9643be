package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"

	"github.com/scalelaw/scalelaw/sweep"
)

// waited asks for a page and waits for what it computes.
func waited(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	to := "?wait=1"
	if strings.Contains(path, "?") {
		to = "&wait=1"
	}
	return get(h, path+to, headers...)
}

// attribute reads an attribute of the page's law.
func attribute(t *testing.T, page, name string) float64 {
	t.Helper()
	m := regexp.MustCompile(` data-` + name + `="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no data-%s", name)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The numbers in the picture, in the page and in the JSON are the fit's, to the digit.
func TestTheLawsNumbersAreTheFits(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	r := decoded[lawFit](t, get(h, "/sweeps/openclip/law?rule=binned-minima", "Accept", "application/json"))
	if r.Status != "ok" || math.Abs(r.Coefficients[0].Value+0.1114) > 5e-5 || r.Sweep != "openclip" || r.Fit == "" {
		t.Fatalf("%+v", r.Result)
	}
	for _, from := range []string{"/sweeps/openclip/law?rule=binned-minima", "/sweeps/openclip/law.svg?rule=binned-minima"} {
		text := waited(h, from).Body.String()
		for _, c := range r.Coefficients {
			for suffix, want := range map[string]float64{"": c.Value, "-low": c.Interval[0], "-high": c.Interval[1]} {
				if got := attribute(t, text, c.Name+suffix); got != want {
					t.Errorf("%s: %s%s is %v, the fit's %v", from, c.Name, suffix, got, want)
				}
			}
		}
		if n := strings.Count(text, `<g class="point"`); n != 29 {
			t.Errorf("%s: %d points", from, n)
		}
	}
	list := decoded[[]lawFit](t, get(h, "/sweeps/openclip/law?group_by=model&rule=pareto", "Accept", "application/json"))
	if len(list) < 5 || list[0].Group == nil {
		t.Errorf("a law a model: %d", len(list))
	}
}

func decoded[T any](t *testing.T, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != 200 {
		t.Fatalf("%d %v: %.400s", w.Code, err, w.Body)
	}
	return v
}

func TestTheLawPage(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	page := waited(h, "/sweeps/openclip/law?rule=pareto&holdout=2e12").Body.String()
	contains(t, "page", page, "α", "interval", "What other rules make of these runs", "Held out above C = 2e&#43;12: 3 of 3", "dominated by", "of 29 points used",
		`href="/runs/0000`, `href="/sweeps/openclip/law.pdf?holdout=2e%2B12&amp;metric=imagenet1k%2Ftop1_error&amp;rule=pareto"`, "scalelaw fit new openclip --metric imagenet1k/top1_error --rule pareto --holdout-above 2e", "data-readings=", "The figure as a table", "light-dark(")
	for _, never := range []string{" style=", "<style", "onclick", "NaN", "ZgotmplZ"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if n := strings.Count(page, "<script"); n != strings.Count(page, "<script defer src=") {
		t.Error("an inline script")
	}
}

// A law that there is not is said in words, where the line would be and beside it.
func TestRefusalsAndEmptyStudiesInWords(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	for path, want := range map[string][]string{
		"/sweeps/openclip/law?law=power-floor":          {"No law:", "eps is not determined by the points", `class="refusal"`, "The rule "},
		"/sweeps/openclip/law?from=2.2e12&rule=all":     {"No law:", "left out as asked: its compute is below"},
		"/sweeps/openclip/law?up_to=0.01":               {"No run that was scored", "is left with these limits"},
		"/sweeps/empty/law":                             {"This study has no runs."},
		"/sweeps/openclip/law?metric=other/error":       {"has no TASK/METRIC", "imagenet1k/top1_error"},
		"/sweeps/openclip/law?law=isoflop&rule=pareto":  {"The rule pareto does not suit the law isoflop"},
		"/sweeps/openclip/law?rule=nonsense":            {"rule:", "nonsense"},
		"/sweeps/nothing/law":                           {"nothing"},
		"/sweeps/openclip/law?unit=samples":             {"group by model"},
		"/sweeps/openclip/law?with=nothing&rule=pareto": {"the study laid over this one"},
	} {
		w := waited(h, path)
		if path == "/sweeps/openclip/law?law=power-floor" {
			want = want[:3]
		}
		contains(t, path, w.Body.String(), want...)
		if w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// Two studies in one figure, with the verdict of compare.
func TestAStudyLaidOver(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	page := waited(h, "/sweeps/openclip/law?rule=pareto&with=openai").Body.String()
	contains(t, "page", page, "The laws of openclip and openai are not distinguishable at level 0.95", "F-test p = 0.18", "They cross at C = 1.968e", "on openai")
	if n := strings.Count(page, `<g class="point"`); n != 32 {
		t.Errorf("%d points", n)
	}
}

// What the handle reads is what predict says.
func TestTheHandleReadsPredictions(t *testing.T) {
	b := newOpenCLIP(t)
	h, _ := serve(t, b)
	page := waited(h, "/sweeps/openclip/law?rule=pareto").Body.String()
	m := regexp.MustCompile(`data-readings="([^"]*)"`).FindStringSubmatch(page)
	var lines []struct{ At [][6]float64 }
	if err := json.Unmarshal([]byte(strings.ReplaceAll(m[1], "&#34;", `"`)), &lines); err != nil || len(lines) != 1 || len(lines[0].At) < 100 {
		t.Fatalf("%v, %.200s", err, m[1])
	}
	stored := post(h, "/sweeps/openclip/law", url.Values{"rule": {"pareto"}})
	if stored.Code != http.StatusSeeOther || len(b.fits) != 1 {
		t.Fatalf("%d %s", stored.Code, stored.Body)
	}
	last := lines[0].At[len(lines[0].At)-1]
	r, err := b.fits[0].Predict(t.Context(), []float64{last[0]})
	if err != nil {
		t.Fatal(err)
	}
	p := r.Predictions[0]
	for i, want := range []float64{p.C, p.Value, p.LawInterval[0], p.LawInterval[1], p.RunInterval[0], p.RunInterval[1]} {
		if math.Abs(last[i]/want-1) > 1e-4 {
			t.Errorf("number %d is %g, predict says %g", i, last[i], want)
		}
	}
}

// Every form of the figure is to be had at the page's address with its choices.
func TestFormsOfTheFigure(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	is := func(form string) []byte {
		w := get(h, "/sweeps/openclip/law"+form+"?rule=pareto")
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", form, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
	if svg := is(".svg"); len(svg) > 60_000 || xml.Unmarshal(svg, new(struct{})) != nil {
		t.Errorf("SVG of %d bytes", len(svg))
	}
	if !bytes.HasPrefix(is(".png"), []byte("\x89PNG")) {
		t.Error("no PNG")
	}
	page := is(".pdf")
	r, err := pdf.NewReader(bytes.NewReader(page), int64(len(page)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var words bytes.Buffer
	if _, err := words.ReadFrom(text); err != nil {
		t.Fatal(err)
	}
	contains(t, "the PDF's text", words.String(), "imagenet1k/top1_error", "ViT-B-32", "E = 5.884 C")
	if n := bytes.Count(page, []byte("/FontFile2")); n != 2 {
		t.Errorf("%d embedded fonts", n)
	}
	contains(t, "CSV", string(is(".csv")), "layer,kind,id,x,y", fmt.Sprintf("%032x", 4))
	contains(t, "LaTeX", string(is(".tex")), "\\begin{filecontents*}", "\\begin{axis}")
}

// The runs are read again for every question, and nothing is fitted twice to the same.
func TestTheSameRunsAreFittedOnce(t *testing.T) {
	b := newOpenCLIP(t)
	s := &Server{backend: b, answers: newAnswers(), options: Options{Version: "test"}}
	c, err := readChoices(url.Values{"metric": {imagenet}, "rule": {"pareto"}})
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.answerLaw(t.Context(), "openclip", c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.answerLaw(t.Context(), "openclip", c, first); err != nil || again != first {
		t.Error("fitted twice to the same runs")
	}
	b.studies["openclip"][3].Score = nil
	if other, err := s.answerLaw(t.Context(), "openclip", c, first); err != nil || other == first || b.reads != 3 {
		t.Errorf("a run lost its score, and the law stands: %v, %d reads", err, b.reads)
	}
}

// Whatever stands in an address, the answer is a page, and what is wrong is named.
func FuzzLawAddress(f *testing.F) {
	for _, q := range []string{"rule=pareto&level=0.9", "level=NaN&from=1e400", "zoom=1,2,3", "zoom=1,2,0.1,0.2&further=2", "group_by=model&unit=samples", "metric=%3Cscript%3E/x", "with=%00", "first=-1", "law=chinchilla&checks=1", "up_to=-0"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		values, err := url.ParseQuery(q)
		if err != nil {
			return
		}
		c, err := readChoices(values)
		if err != nil {
			return
		}
		again, err := readChoices(c.query())
		if c.Wait = false; err != nil || again != c {
			t.Errorf("%q: %+v comes back as %+v, %v", q, c, again, err)
		}
		if _, err := c.ask(10); err != nil && c.Unit != "samples" {
			t.Errorf("%q: %v", q, err)
		}
	})
}

// Nothing that a reader writes stands in the page as markup.
func TestTheLawPageEscapes(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	for _, name := range []string{"metric", "with", "group", "rule", "zoom", "from"} {
		w := waited(h, "/sweeps/openclip/law?"+url.Values{name: {`"><script>alert(1)</script>`}}.Encode())
		if strings.Contains(w.Body.String(), "<script>alert") || w.Code >= 500 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// A study of 5,000 runs: the page is there at once, with words; then with a figure that is light.
func TestTheLawOfManyRuns(t *testing.T) {
	b := newOpenCLIP(t)
	b.studies["many"] = manyRuns(b)
	h, _ := serve(t, b)
	contains(t, "at once", get(h, "/sweeps/many/law?select=all&rule=pareto").Body.String(), "Fitting the runs of many", "data-late=")
	page := waited(h, "/sweeps/many/law?select=all&rule=pareto")
	contains(t, "page", page.Body.String(), "of 5000 points used", "are drawn as dots", "400 resamples", "The next runs", "more rows are in the")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(page.Body.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if zipped.Len() > 150_000 {
		t.Errorf("%d bytes compressed", zipped.Len())
	}
	t.Logf("%d bytes compressed, %d plain", zipped.Len(), page.Body.Len())
}

// manyRuns are 5,000 around a law.
func manyRuns(b *openclip) (runs []sweep.ScoredRun) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 5000 {
		run := b.studies["openclip"][i%29]
		run.ID = fmt.Sprintf("%032x", r.Uint64())
		run.GMACsTotal = math.Pow(10, 9+4*r.Float64())
		score := *run.Score
		score.Value = min(1, 6*math.Pow(run.GMACsTotal, -0.11)*math.Exp(math.Abs(r.NormFloat64())/4))
		run.Score = &score
		runs = append(runs, run)
	}
	return runs
}
