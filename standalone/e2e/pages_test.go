package e2e

import (
	"strings"
	"testing"
	"time"

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
func pages(t *testing.T) *tab {
	t.Helper()
	needPostgres(t)
	dir := folder(t)
	up(t, dir, "--web-port", "0")
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if a, err := datadir.Read(dir); err == nil && a.Web != "" {
			return chromium(t, a.Web)
		}
	}
	t.Fatal("up tells no address of its pages")
	return nil
}

// The whole way in a browser: a sweep from the form to its law, without a word on the console.
func TestPages(t *testing.T) {
	p := pages(t)
	for _, step := range []struct {
		name string
		do   func(*testing.T, *tab)
	}{
		{"find a run", findRun}, {"words find images", wordsFindImages}, {"keyboard", keyboardOnly}, {"every page for everyone", everyPage},
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

// everyPage opens all pages, light and dark, wide and narrow: nothing on the console, nothing
// wider than its window, no serious violation of accessibility.
func everyPage(t *testing.T, p *tab) {
	p.open("/runs?limit=1")
	run := eval[string](p, `document.querySelector("tbody th a").pathname`)
	for _, path := range []string{"/", "/runs", run, run + "/gallery", "/compare?run=" + strings.TrimPrefix(run, "/runs/"), "/data", "/data/icons-6k", "/coefficients", "/api", "/sweeps/seen", "/sweeps/seen/runs"} {
		for _, look := range []struct {
			scheme string
			width  int64
		}{{"light", 1440}, {"dark", 390}} {
			p.scheme(look.scheme)
			p.width(look.width)
			p.open(path)
			p.accessible()
			p.quiet()
		}
	}
	p.scheme("light")
	p.width(1440)
}
