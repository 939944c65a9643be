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
		f.Add("", q.Encode())
	}
	for _, name := range names {
		f.Add("", url.Values{name: {taint}}.Encode())
	}
	f.Add("/sweeps/"+url.PathEscape(taint)+"/law", "")
	f.Add("/runs/%00", "a=%zz&;=")
	f.Fuzz(func(t *testing.T, path, query string) {
		asked := paths
		if path != "" {
			asked = []string{path}
		} else if !strings.Contains(query, "&") { // of one name, to a few pages
			k := len(query) % 5
			asked = asked[k*len(asked)/5 : (k+1)*len(asked)/5]
		}
		for _, at := range asked {
			address, err := url.ParseRequestURI(at)
			if err != nil || !strings.HasPrefix(at, "/") || strings.HasPrefix(at, "/events") {
				continue
			}
			address.RawQuery = query
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.URL, r.Host = address, "127.0.0.1"
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if answer.Code >= 500 {
				t.Errorf("%s?%s: %d %.300s", at, query, answer.Code, answer.Body)
			}
			if kind := answer.Header().Get("Content-Type"); strings.HasPrefix(kind, "text/html") && strings.Contains(answer.Body.String(), "<x-taint>") {
				t.Errorf("%s?%s shows the mark as it is", at, query)
			}
			if answer.Header().Get("Content-Security-Policy") == "" {
				t.Errorf("%s: no policy", at)
			}
		}
	})
}
