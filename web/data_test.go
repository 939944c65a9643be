package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// iconsFake has one data set with 200 pairs a split.
type iconsFake struct{ fake }

func (iconsFake) Dataset(_ context.Context, name string) (sweep.DatasetDetail, error) {
	d, ok := sweep.LookupDataset(name)
	if !ok {
		return sweep.DatasetDetail{}, fmt.Errorf("data set %q: %w", name, sweep.ErrNotFound)
	}
	out := sweep.DatasetDetail{Dataset: d}
	if name == "icons-6k" {
		out.Classes, out.Splits, out.Baselines, out.NearTwins = 175, map[string]int{"test": 200}, map[string]float64{"test": 0.5}, map[string]int{"test": 7}
		out.Words, out.Frequencies = 2, []sweep.WordFrequency{{Rank: 1, Word: "arrow<b>", Count: 5}, {Rank: 2, Word: "moon", Count: 2}}
		out.Packs = []sweep.Pack{{Pack: "p", Name: "Pack & Co", Author: "a", Licence: "MIT", Address: "https://example.org", Pairs: 200}}
	}
	return out, nil
}

func (iconsFake) Samples(_ context.Context, _, split string, from, n int) (all []sweep.Sample, total int, err error) {
	for i := from; i < min(from+n, 200); i++ {
		all = append(all, sweep.Sample{Icon: i, Caption: split + " caption", Pack: "p"})
	}
	return all, 200, nil
}

func (iconsFake) Icon(_ context.Context, n int) ([]byte, error) {
	if n != 5 {
		return nil, sweep.ErrNotFound
	}
	return []byte("png"), nil
}

func TestDataPages(t *testing.T) {
	h, _ := serve(t, &iconsFake{})
	if body := get(h, "/data").Body.String(); !strings.Contains(body, "icons-6k") || !strings.Contains(body, "LAION-2B") {
		t.Error(body)
	}
	body := get(h, "/data/icons-6k").Body.String()
	for _, want := range []string{"train caption", "1 to 96 of 200", "split=train&amp;from=96", "Pack &amp; Co", "MIT", "50.0 %", "arrow&lt;b&gt;", `src="/icons/95"`, "words.svg?theme=dark", "words.svg?theme=dark&amp;width=380"} {
		if !strings.Contains(body, strings.ReplaceAll(want, "split=train&amp;from=96", "from=96&amp;split=train")) {
			t.Errorf("no %q in %s", want, body)
		}
	}
	last := get(h, "/data/icons-6k?split=test&from=192").Body.String()
	if !strings.Contains(last, "193 to 200 of 200") || strings.Contains(last, `rel="next"`) || !strings.Contains(last, `rel="prev"`) {
		t.Error(last)
	}
	if none := get(h, "/data/icons-6k?split=test&from=5000").Body.String(); !strings.Contains(none, "none at 5000") {
		t.Error(none)
	}
	if other := get(h, "/data/LAION-2B").Body.String(); !strings.Contains(other, "its pictures are not here") {
		t.Error(other)
	}
	var page dataSet
	if err := json.Unmarshal(get(h, "/data/icons-6k?split=test", "Accept", "application/json").Body.Bytes(), &page); err != nil || len(page.Samples) != sheetSize || page.Total != 200 || page.On == "" {
		t.Errorf("%+v, %v", page, err)
	}
	for path, status := range map[string]int{"/data/nothing": 404, "/data/icons-6k?split=x": 400, "/data/icons-6k?from=-1": 400, "/data/icons-6k?from=x": 400, "/icons/6": 404, "/icons/x": 404} {
		if got := get(h, path).Code; got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
}

func TestIconsAreKept(t *testing.T) {
	h, _ := serve(t, &iconsFake{})
	if w := get(h, "/icons/5"); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != forEver || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := get(h, "/icons/6"); w.Header().Get("Cache-Control") == forEver {
		t.Error("what is not there was said to stay so")
	}
}

// A figure is answered in every form, in both themes.
func TestDrawn(t *testing.T) {
	h, _ := serve(t, &iconsFake{})
	for form, begins := range map[string]string{"svg": "<svg", "png": "\x89PNG", "pdf": "%PDF", "csv": "layer,", "tex": `\begin{filecontents*}`} {
		if w := get(h, "/data/icons-6k/words."+form); w.Code != 200 || !strings.HasPrefix(w.Body.String(), begins) {
			t.Errorf("%s: %d %.40q", form, w.Code, w.Body)
		}
	}
	light, dark := get(h, "/data/icons-6k/words.svg").Body.String(), get(h, "/data/icons-6k/words.svg?theme=dark&width=400").Body.String()
	if light == dark || !strings.Contains(dark, "400") {
		t.Error("the theme or the width does not count")
	}
	for _, bad := range []string{"?theme=pink", "?width=x", "?width=1", "?width=NaN"} {
		if w := get(h, "/data/icons-6k/words.svg"+bad); w.Code != 400 {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}
