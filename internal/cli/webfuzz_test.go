package cli

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// taint is what no page may show as it is.
const taint = `"'><x-taint>`

// Whatever stands in an address, a page answers without a server's error, over a real database,
// and shows nothing of it unescaped.
func FuzzPages(f *testing.F) {
	w := newWorld(f)
	h := pagesOf(f, w)
	fill := strings.NewReplacer("{sweep}", "quickstart", "{run}", w.runs[0].ID, "{data}", "icons-6k", "{icon}", "3", "{fit}", "f00d")
	var paths []string
	for path := range decode[struct{ Paths map[string]any }](f, fetch(h, "/api").Body.String()).Paths {
		slow := strings.HasSuffix(path, ".png") || strings.HasSuffix(path, ".pdf") // made as .svg is
		if path != "/events" && !slow && !strings.Contains(path, "{action}") {     // which does not end; which is only posted
			paths = append(paths, fill.Replace(path))
		}
	}
	names := []string{"metric", "rule", "law", "group", "group_by", "select", "level", "chance", "holdout", "unit", "colour", "second", "text", "model", "data", "state", "sort", "samples",
		"limit", "after", "run", "measure", "against", "log", "words", "from", "split", "theme", "width", "name", "example", "study", "all", "compute", "error", "format", "sweep", "fit"}
	for _, value := range []string{taint, "", "-1", "1e999", "NaN", "\x00", "\xff", "%", "../../etc", "𝔘", strings.Repeat("a", 5000), "'; drop table runs; --"} {
		q := url.Values{}
		for _, name := range names {
			q.Set(name, value)
		}
		for _, path := range paths {
			f.Add(path, q.Encode())
		}
	}
	for i, name := range names { // each of a fifth of the pages
		for k := i % 5; k < len(paths); k += 5 {
			f.Add(paths[k], url.Values{name: {taint}}.Encode())
		}
	}
	f.Add("/sweeps/"+url.PathEscape(taint)+"/law", "")
	f.Add("/runs/%00", "a=%zz&;=")
	f.Fuzz(func(t *testing.T, path, query string) { // one page an input: fuzzing ends one that takes ten seconds
		address, err := url.ParseRequestURI(path)
		if err != nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/events") {
			return
		}
		address.RawQuery = query
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL, r.Host = address, "127.0.0.1"
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code >= 500 {
			t.Errorf("%s?%s: %d %.300s", path, query, answer.Code, answer.Body)
		}
		if kind := answer.Header().Get("Content-Type"); strings.HasPrefix(kind, "text/html") && strings.Contains(answer.Body.String(), "<x-taint>") {
			t.Errorf("%s?%s shows the mark as it is", path, query)
		}
		if answer.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: no policy", path)
		}
	})
}
