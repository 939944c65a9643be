package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a page of a browser, as a person sees it.
type tab struct {
	t       *testing.T
	ctx     context.Context
	address string // of the pages

	mu   sync.Mutex
	said []string // by the page, on its console
}

// chromium starts a headless browser on the pages at address, or skips where there is none,
// unless REQUIRE_BROWSER=1.
func chromium(t *testing.T, address string) *tab {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil {
			program = at
			break
		}
	}
	if program == "" {
		if os.Getenv("REQUIRE_BROWSER") == "1" {
			t.Fatal("no chromium on this machine")
		}
		t.Skip("no chromium on this machine (REQUIRE_BROWSER=1 makes this a failure)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1440, 1000))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	p := &tab{t: t, address: address}
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithListener(p.hear))
	t.Cleanup(cancel)
	p.ctx = ctx
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 1000)); err != nil { // it starts the browser, which lives as long as its context
		t.Fatal(err)
	}
	p.listens()
	return p
}

// hear keeps what a page says: errors and warnings of its scripts, its policy and its requests.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.said = append(p.said, fmt.Sprintf("console %s: %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		p.said = append(p.said, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		p.said = append(p.said, fmt.Sprintf("%s %s: %s %s", e.Entry.Level, e.Entry.Source, e.Entry.Text, e.Entry.URL))
	}
}

// quiet fails when the pages said anything since it was asked last.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.said {
		p.t.Errorf("on the console: %s", s)
	}
	p.said = nil
}

// listens makes sure that what a page says is heard.
func (p *tab) listens() {
	p.t.Helper()
	eval[bool](p, `console.error("heard"), true`)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		p.mu.Lock()
		heard := len(p.said) > 0
		p.mu.Unlock()
		if heard {
			p.forgive()
			return
		}
	}
	p.t.Fatal("the console is not heard")
}

// forgive drops what was said: where a test made a server answer with an error on purpose.
func (p *tab) forgive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = nil
}

// patience is how long a page may take to show something.
const patience = 60 * time.Second

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%v\nat %s\n%s", err, p.where(), p.said)
	}
}

func (p *tab) where() string {
	at, err := chromedp.Run(p.ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return at
}

// open goes to a path of the pages.
func (p *tab) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.address+path), chromedp.WaitReady("#main"))
}

// eval gives what an expression is in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v\nat %s", expression, err, p.where())
	}
	return value
}

// until waits until an expression is true.
func (p *tab) until(what, expression string) {
	p.t.Helper()
	p.patient(what, expression, patience)
}

func (p *tab) patient(what, expression string, within time.Duration) {
	p.t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if eval[bool](p, "Boolean("+expression+")") {
			return
		}
	}
	p.t.Fatalf("%s did not come (%s)\nat %s\n%s", what, expression, p.where(), eval[string](p, "document.body.innerText.slice(0, 3000)"))
}

// text is what a person reads in the page.
func (p *tab) text() string { return eval[string](p, "document.body.innerText") }

func (p *tab) reads(all ...string) {
	p.t.Helper()
	text := p.text()
	for _, want := range all {
		if !strings.Contains(text, want) {
			p.t.Errorf("%s does not say %q:\n%.2000s", p.where(), want, text)
		}
	}
}

// scheme makes the page light or dark.
func (p *tab) scheme(name string) {
	p.t.Helper()
	p.do(func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return none, err
	})
}

func (p *tab) width(pixels int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(pixels, 1000))
}

// shoot keeps a picture of the page in the folder SCREENSHOTS, where that is set.
func (p *tab) shoot(name string) {
	p.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		p.t.Errorf("screenshot %s: %v", name, err)
	}
}

// axe is the accessibility checker, which REQUIRE_BROWSER=1 makes a must.
var axe = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(filepath.Join("../..", ".peers/axe/node_modules/axe-core/axe.min.js"))
	return string(source), err
})

// accessible fails on a serious violation that axe-core finds in the page.
func (p *tab) accessible() {
	p.t.Helper()
	source, err := axe()
	if err != nil {
		if os.Getenv("REQUIRE_BROWSER") == "1" {
			p.t.Fatalf("%v: `make axe` brings it", err)
		}
		p.t.Logf("accessibility was not looked at (REQUIRE_BROWSER=1 makes this a failure, `make axe` brings the checker): %v", err)
		return
	}
	eval[bool](p, source+"; true")
	found := eval[[]string](p, `axe.run().then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(" | ")))`)
	for _, f := range found {
		p.t.Errorf("%s: %s", p.where(), f)
	}
	if wide := eval[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
		p.t.Errorf("%s is %d pixels wider than its window", p.where(), wide)
	}
}
