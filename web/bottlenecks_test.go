package web

import (
	"strings"
	"testing"
)

// The published runs say what their paper says: with 80 M pairs the error stops falling.
func TestBottlenecks(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	got := decoded[bottlenecksPage](t, get(h, "/sweeps/openclip/bottlenecks", "Accept", "application/json"))
	if len(got.Gains) != 3 || got.Gains[1].Axis != "data" || got.Gains[1].Pairs == 0 || got.Gains[1].Median <= 0 || len(got.Says) < 2 {
		t.Errorf("%+v %q", got.Gains, got.Says)
	}
	page := waited(h, "/sweeps/openclip/bottlenecks").Body.String()
	contains(t, "page", page, "What to scale next", "Iso-data curves", `data-figure="isodata"`, `data-figure="residuals"`, `data-figure="heatmap"`, "No run was scored under shift", "The figure as a table", `href="/sweeps/openclip/isodata.pdf?metric=imagenet1k`)
	for _, never := range []string{" style=", "NaN"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	contains(t, "nothing to show", waited(h, "/sweeps/empty/bottlenecks").Body.String(), "does not tell yet", "No run has been scored on imagenet1k/top1_error yet.")
	for path, code := range map[string]int{"/sweeps/openclip/heatmap.csv": 200, "/sweeps/openclip/robustness.svg": 200, "/sweeps/empty/isoflop.svg": 200, "/sweeps/nothing/bottlenecks": 404, "/sweeps/openclip/bottlenecks?metric=x": 400} {
		if w := get(h, path); w.Code != code {
			t.Errorf("%s: %d, want %d: %s", path, w.Code, code, w.Body)
		}
	}
}
