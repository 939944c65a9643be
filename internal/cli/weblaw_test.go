package cli

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/fit"
)

// The law page stores, over a real database, the record that `fit new` would have stored, and a
// prediction that its command line sees.
func TestTheLawPageStoresWhatFitNewDoes(t *testing.T) {
	w := newWorld(t)
	h := pagesOf(t, w)
	live := decode[fit.Result](t, fetch(h, "/sweeps/quickstart/law?rule=pareto").Body.String())
	to := submitted(t, h, "/sweeps/quickstart/law", url.Values{"rule": {"pareto"}})
	id, ok := strings.CutPrefix(to, "/fits/")
	if !ok {
		t.Fatalf("to %s", to)
	}
	page := decode[fitView](t, fetch(h, to).Body.String())
	stored := decode[fitView](t, succeeds(t, w.getenv, "fit", "show", id, "-o", "json").out)
	equal(t, "status", stored.Status, "ok")
	equal(t, "coefficients of the page and the record", page.Coefficients, stored.Coefficients)
	equal(t, "coefficients of the live view and the record", live.Coefficients, stored.Coefficients)
	again := decode[fitView](t, succeeds(t, w.getenv, "fit", "new", "quickstart", "--rule", "pareto", "-o", "json").out)
	equal(t, "coefficients that the command line gives", again.Coefficients, stored.Coefficients)
	submitted(t, h, "/sweeps/quickstart/predict", url.Values{"rule": {"pareto"}, "at": {"1e9"}})
	has(t, "predictions", succeeds(t, w.getenv, "predictions").out, "open", id[:12])
	has(t, "reproduced", succeeds(t, w.getenv, "fit", "reproduce", id).out, "is reproduced")
}

// submitted sends a form and gives the address that it leads to.
func submitted(t *testing.T, h http.Handler, address string, form url.Values) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := httptest.NewRecorder()
	h.ServeHTTP(a, r)
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%s: %d %.600s", address, a.Code, a.Body)
	}
	return a.Header().Get("Location")
}
