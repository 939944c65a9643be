package e2e

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/scalelaw/scalelaw/internal/datadir"
)

// seenSpec is a study that a browser looks at: enough cells for laws, and some seconds to watch.
const seenSpec = `name: seen
trainer: clip
grid:
  model: [icons-w4, icons-w6, icons-w8, icons-w12]
  data: [icons-6k, icons-32k]
  samples_seen: [32K, 64K, 128K]
checkpoints: 2
evaluate: [icons-test, icons-shift]
limits: {concurrency: 2}
fits:
  - {metric: icons-test/top1_error, rule: pareto, law: power}
`

// pages brings up servers with their pages, and a browser on them.
func pages(t *testing.T) (p *tab, dir string) {
	t.Helper()
	needPostgres(t)
	dir = folder(t)
	up(t, dir, "--web-port", "0")
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if a, err := datadir.Read(dir); err == nil && a.Web != "" {
			return chromium(t, a.Web), dir
		}
	}
	t.Fatal("up tells no address of its pages")
	return nil, ""
}

// The whole way in a browser: from the form to the law, without a word on the console.
func TestPages(t *testing.T) {
	p, dir := pages(t)
	for _, step := range []struct {
		name string
		do   func(*testing.T, *tab)
	}{
		{"submit", submitSweep}, {"watch", watchGrid}, {"law", openLaw}, {"rule", changeRule}, {"handle", dragHandle}, {"files", takeFiles},
		{"find a run", findRun}, {"words find images", wordsFindImages}, {"keyboard", keyboardOnly},
		{"retry", func(t *testing.T, p *tab) { retryFailed(t, p, dir) }}, {"every page for everyone", everyPage},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			p.t = t
			step.do(t, p)
			p.quiet()
		}) {
			return
		}
	}
}

// edit puts a sweep file into the editor, as typing does.
func (p *tab) edit(file string) {
	p.t.Helper()
	eval[bool](p, `(f => { f.value = `+strconv.Quote(file)+`; f.dispatchEvent(new Event("input", {bubbles: true})); return true })(document.querySelector("#file"))`)
}

// submitSweep writes a sweep: a mistake is shown at its line, the plan comes by itself, and the
// matrix changes the text.
func submitSweep(t *testing.T, p *tab) {
	p.open("/new")
	p.edit(strings.Replace(seenSpec, "icons-w6", "icons-w60000", 1))
	p.until("the mistake", `document.querySelector("#problems [data-line='4']")?.innerText.includes("icons-w60000")`)
	p.edit(seenSpec)
	p.until("the plan", `document.querySelector("#draft")?.innerText.includes("Submit 24 runs")`)
	p.do(chromedp.Click(`input[name=cell]`))
	p.until("the matrix in the text", `document.querySelector("#file").value.includes("exclude") && document.querySelector("#draft").innerText.includes("Submit 23 runs")`)
	p.do(chromedp.Click(`input[name=cell]`))
	p.until("the cell back", `document.querySelector("#draft").innerText.includes("Submit 24 runs")`)
	p.shoot("new-sweep")
	p.do(chromedp.Click(`//button[contains(., "Submit 24 runs")]`))
	p.until("the grid", `location.pathname === "/sweeps/seen"`)
}

// watchGrid sees cells go from queued to done in a page that is never loaded again.
func watchGrid(_ *testing.T, p *tab) {
	eval[bool](p, `window.stayed = true`)
	p.until("a running cell", `document.querySelector(".grid [data-state=running]")`)
	p.shoot("grid-running")
	p.until("a cell that is done", `document.querySelector(".grid [data-state=succeeded]")`)
	p.patient("all cells done", `document.body.innerText.includes("24 of 24 runs done")`, 4*time.Minute)
	if !eval[bool](p, `window.stayed === true`) {
		p.t.Error("the page was loaded again")
	}
}

// openLaw reads the law.
func openLaw(_ *testing.T, p *tab) {
	p.do(chromedp.Click(`//nav//a[text()="Law"]`))
	p.until("the law", `document.querySelector(".plot svg [data-alpha]")`)
	p.reads("R²", "95 %", "points used", "Stored fits")
	p.shoot("law-light")
}

// changeRule chooses another rule: it stands in the address, and in what is drawn.
func changeRule(_ *testing.T, p *tab) {
	before := eval[string](p, `document.querySelector(".plot svg [data-alpha]").dataset.alpha`)
	eval[bool](p, `(s => { s.value = "pareto"; s.dispatchEvent(new Event("change", {bubbles: true})); return true })(document.querySelector("select[name=rule]"))`)
	p.until("the rule in the address", `location.search.includes("rule=pareto")`)
	p.until("another law", `document.querySelector(".plot svg [data-alpha]") && document.querySelector(".plot svg [data-alpha]").dataset.alpha !== "`+before+`"`)
	p.until("its frontier", `document.querySelector(".plot").innerText.includes("pareto")`)
}

// dragHandle reads the prediction at larger compute: by the mouse, and by keys.
func dragHandle(t *testing.T, p *tab) {
	p.until("the handle", `document.querySelector(".handle")`)
	read := func() float64 {
		return eval[float64](p, `Number(document.querySelector("[data-reading]").dataset.c || 0)`)
	}
	at := eval[[]float64](p, `(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector(".handle circle").getBoundingClientRect())`)
	first := read()
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, at[0], at[1], chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0]-60, at[1], chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, at[0]-60, at[1], chromedp.ButtonLeft))
	dragged := read()
	if !(dragged > 0 && dragged != first) {
		t.Errorf("dragged from C = %g to %g", first, dragged)
	}
	p.do(chromedp.Focus(".handle"), chromedp.KeyEvent(kb.ArrowRight))
	if moved := read(); !(moved > dragged) {
		t.Errorf("an arrow key moved it from C = %g to %g", dragged, moved)
	}
	p.until("words", `document.querySelector("[data-reading]").innerText.match(/error .* law .* a new run/)`)
}

// takeFiles follows the links of the figure's files and looks into them.
func takeFiles(t *testing.T, p *tab) {
	take := func(form string) string {
		return eval[string](p, `fetch([...document.querySelectorAll(".exports a")].find(a => a.innerText === "`+form+`").href).then(r => r.arrayBuffer()).then(b => [...new Uint8Array(b)].map(c => String.fromCharCode(c)).join(""))`)
	}
	shown := eval[string](p, `document.querySelector(".plot svg [data-alpha]").dataset.alpha`)
	fitted := eval[float64](p, `fetch(location.href, {headers: {Accept: "application/json"}}).then(r => r.json()).then(f => (Array.isArray(f) ? f[0] : f).coefficients.find(c => c.name === "alpha").value)`)
	if got, err := strconv.ParseFloat(shown, 64); err != nil || got != fitted {
		t.Errorf("the figure shows alpha %s, the fit has %v", shown, fitted)
	}
	if svg := take("SVG"); !strings.Contains(svg, `data-alpha="`+shown+`"`) || len(svg) > 120_000 {
		t.Errorf("SVG of %d bytes without alpha %s: %.200s", len(svg), shown, svg)
	}
	if pdf := take("PDF"); !strings.HasPrefix(pdf, "%PDF") || !strings.Contains(pdf, "FontFile") {
		t.Errorf("PDF: %.200q", pdf)
	}
	if csv := take("CSV"); !strings.HasPrefix(csv, "layer,") || strings.Count(csv, "\n") < 24 {
		t.Errorf("CSV: %.200s", csv)
	}
}

// lostSpec is a run that may fail once.
const lostSpec = `name: lost
trainer: clip
grid: {model: [icons-w16], data: [icons-6k], samples_seen: [256K]}
limits: {attempts: 1}
evaluate: [icons-test]
`

// retryFailed takes away the folder of the checkpoints in the middle of a run, which then fails,
// gives it back, and retries the run.
func retryFailed(t *testing.T, p *tab, dir string) {
	p.open("/new")
	p.edit(lostSpec)
	p.until("the plan", `document.querySelector("#draft")?.innerText.includes("Submit 1 run")`)
	p.do(chromedp.Click(`//button[contains(., "Submit 1 run")]`))
	p.until("the running cell", `document.querySelector(".grid [data-state=running]")`)
	artifacts, away := filepath.Join(dir, "artifacts"), filepath.Join(dir, "artifacts.away")
	rename := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	rename(artifacts, away)
	if err := os.WriteFile(artifacts, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p.patient("the failed cell with its reason", `document.querySelector(".grid [data-state=failed]") && document.querySelector(".troubles")?.innerText.includes("artifact")`, 2*time.Minute)
	p.shoot("grid-failed")
	if err := os.Remove(artifacts); err != nil {
		t.Fatal(err)
	}
	rename(away, artifacts)
	p.do(chromedp.Click(`//button[contains(., "Retry what failed")]`))
	p.patient("the cell done", `document.body.innerText.includes("1 of 1 runs done")`, 2*time.Minute)
}

// findRun finds a run by its model, sorts by error, and opens it.
func findRun(t *testing.T, p *tab) {
	p.open("/sweeps/seen/runs")
	p.do(chromedp.SetValue(`input[name=model]`, "icons-w8"), chromedp.Submit(`form[role=search]`), chromedp.WaitReady("#main"))
	p.until("a list of one model", `[...document.querySelectorAll("tbody tr")].length === 6 && location.search.includes("model=icons-w8")`)
	p.do(chromedp.Click(`//th/a[text()="Score"]`), chromedp.WaitReady("#main"))
	p.until("the list by error", `document.querySelector("th[aria-sort=ascending]")?.innerText === "Score"`)
	errors := eval[[]float64](p, `[...document.querySelectorAll("tbody tr td:last-child")].map(c => Number(c.innerText))`)
	for i := 1; i < len(errors); i++ {
		if errors[i] < errors[i-1] {
			t.Errorf("not sorted: %v", errors)
		}
	}
	p.do(chromedp.Click(`tbody th a`), chromedp.WaitVisible(`figure img`))
	p.until("the curve", `document.querySelector("figure img").naturalWidth > 100`)
	p.reads("icons-w8", "Attempts", "Checkpoints", "icons-test/top1_error", "Recipe")
	p.shoot("run")
}

// wordsFindImages types words and sees pictures, in under a second once the weights are read.
func wordsFindImages(t *testing.T, p *tab) {
	p.do(chromedp.Click(`//a[text()="What it sees"]`), chromedp.WaitVisible(".seen img"))
	p.until("pictures", `[...document.querySelectorAll(".seen img")].slice(0, 6).every(i => i.naturalWidth === 32)`)
	if n := eval[int](p, `document.querySelectorAll(".seen > li:first-child ol li").length`); n != 5 {
		t.Errorf("%d texts beside an image, not 5", n)
	}
	p.do(chromedp.SendKeys("#words", "arrow left"+kb.Enter), chromedp.WaitVisible("#found .sheet img"))
	p.reads("Nearest to “arrow left”")
	if n := eval[int](p, `document.querySelectorAll("#found .sheet img").length`); n < 12 {
		t.Errorf("only %d pictures were found", n)
	}
	began := time.Now()
	p.do(chromedp.SetValue("#words", "moon"), chromedp.SendKeys("#words", kb.Enter))
	p.until("the moon", `document.querySelector("#found").innerText.includes("“moon”")`)
	t.Logf("words to pictures: %s", time.Since(began)) // measured, no test
	p.shoot("words")
}

// keyboardOnly goes from the top of a page to its content and through a link by keys alone.
func keyboardOnly(_ *testing.T, p *tab) {
	p.open("/runs")
	p.do(chromedp.KeyEvent(kb.Tab))
	p.until("the link to the content", `document.activeElement.innerText === "To the content"`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until("the content", `document.activeElement.id === "main" || location.hash === "#main"`)
	for range 30 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if eval[bool](p, `document.activeElement.matches("tbody th a")`) {
			break
		}
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until("the run", `location.pathname.startsWith("/runs/")`)
}

// everyPage opens all pages, light and wide, dark and narrow: nothing on the console, nothing
// wider than its window, no serious violation of accessibility.
func everyPage(t *testing.T, p *tab) {
	p.open("/runs?limit=1")
	run := eval[string](p, `document.querySelector("tbody th a").pathname.slice(6)`)
	fit := eval[string](p, `fetch("/coefficients?format=json&limit=1").then(r => r.json()).then(l => l.rows[0].fit)`)
	addresses := eval[[]string](p, `fetch("/api?format=json").then(r => r.json()).then(d => Object.keys(d.paths).filter(k => d.paths[k].get))`)
	fill := strings.NewReplacer("{sweep}", "seen", "{run}", run, "{data}", "icons-6k", "{fit}", fit)
	looked := 0
	for _, address := range addresses {
		if path.Ext(address) != "" || slices.Contains([]string{"events", "temporal", "{icon}", "metrics"}, path.Base(address)) {
			continue // files, streams and ways to elsewhere
		}
		looked++
		for _, look := range []struct {
			scheme string
			width  int64
		}{{"light", 1440}, {"dark", 390}} {
			p.scheme(look.scheme)
			p.width(look.width)
			p.open(fill.Replace(address))
			p.accessible()
			p.quiet()
		}
	}
	if looked < 12 {
		t.Errorf("only %d pages", looked)
	}
	p.scheme("light")
	p.width(1440)
}
