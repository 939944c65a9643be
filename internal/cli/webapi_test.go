package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scalelaw/scalelaw/web"
)

// pagesOf serves the pages over a world.
func pagesOf(t testing.TB, w *world) http.Handler {
	t.Helper()
	a := &app{stdout: io.Discard, stderr: io.Discard, getenv: w.getenv}
	must(t, a.configure())
	server, err := web.New(&backend{Store: w.store, session: &session{app: a, store: w.store}}, web.Options{Log: a.log, Version: "test"})
	must(t, err)
	return server.Handler()
}

func fetch(h http.Handler, address string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Host = "localhost"
	r.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Every address of the API's document answers on real rows what the document says.
func TestAPIAnswersAsDocumented(t *testing.T) {
	w := newWorld(t)
	fitID := decode[[]fitView](t, succeeds(t, w.getenv, "fit", "new", "quickstart", "--rule", "pareto", "--bootstrap", "200", "--group-by", "data", "-o", "json").out)[0].Fit
	h := pagesOf(t, w)
	doc := fetch(h, "/api").Body.Bytes()
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	must(t, err)
	paths := root.(map[string]any)["paths"].(map[string]any)
	if len(paths) < 20 {
		t.Fatalf("only %d addresses", len(paths))
	}
	fill := strings.NewReplacer("{sweep}", "quickstart", "{run}", w.runs[0].ID, "{data}", "icons-6k", "{icon}", "3", "{fit}", fitID)
	checked := 0
	for path, operations := range paths {
		get, ok := operations.(map[string]any)["get"].(map[string]any)
		if !ok || path == "/events" || strings.HasSuffix(path, "/temporal") { // which does not end; which wants a Temporal
			continue
		}
		answer := fetch(h, fill.Replace(path))
		content, isJSON := mediaOf(get, answer.Code)
		switch {
		case answer.Code != http.StatusOK && !strings.HasSuffix(path, "/gallery"): // the fixture's weights are none
			t.Errorf("%s: %d %.300s", path, answer.Code, answer.Body)
		case isJSON:
			checked++
			if err := validate(t, root, content, answer.Body.Bytes()); err != nil {
				t.Errorf("%s: %v\n%.500s", path, err, answer.Body)
			}
		case answer.Code == http.StatusOK && !strings.HasPrefix(answer.Header().Get("Content-Type"), strings.Split(content, ";")[0]):
			t.Errorf("%s: %s, documented is %s", path, answer.Header().Get("Content-Type"), content)
		}
	}
	if checked < 8 {
		t.Errorf("only %d answers were JSON", checked)
	}
}

// mediaOf is the pointer to the schema of an answer; of what is no JSON its media type.
func mediaOf(get map[string]any, status int) (content string, isJSON bool) {
	if status != http.StatusOK {
		return "#/components/schemas/Problem", true
	}
	responses := get["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)
	for kind, media := range responses {
		s, ok := media.(map[string]any)["schema"]
		if !ok {
			return kind, false
		}
		text, err := json.Marshal(s)
		return string(text), err == nil
	}
	return "", false
}

func validate(t *testing.T, root any, schema string, answer []byte) error {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	must(t, compiler.AddResource("api.json", root))
	address := "api.json" + schema
	if !strings.HasPrefix(schema, "#") {
		one, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
		must(t, err)
		must(t, compiler.AddResource("answer.json", one))
		address = "answer.json"
	}
	compiled, err := compiler.Compile(address)
	must(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(answer))
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

func ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
