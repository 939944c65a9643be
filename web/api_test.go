package web

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Every route has a line in the document, and what it answers is said.
func TestEveryRouteIsDocumented(t *testing.T) {
	all := docs()
	for _, r := range routes() {
		d, ok := all[r.Pattern]
		if !ok || r.Does == "" {
			t.Errorf("%s: docs.go says nothing of it", r.Pattern)
		}
		if strings.HasPrefix(r.Pattern, "GET ") && d.gives == nil && d.kind == "" {
			t.Errorf("%s: what it answers is not said", r.Pattern)
		}
		delete(all, r.Pattern)
	}
	for pattern := range all {
		t.Errorf("%s is documented; there is no such route", pattern)
	}
}

func TestAPIPage(t *testing.T) {
	h, _ := serve(t, &fake{})
	contains(t, "page", get(h, "/api").Body.String(), "/runs/{run}/metrics", "ndjson", "OpenAPI")
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(get(h, "/api", "Accept", "application/json").Body.Bytes(), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("%+v, %v", doc, err)
	}
	if got := doc.Paths["/runs/{run}/metrics"]["get"].Parameters; len(got) != 5 || got[0].Name != "run" || got[0].In != "path" || got[1].In != "query" {
		t.Errorf("%+v", got)
	}
}

func TestSchemaOf(t *testing.T) {
	type inner struct {
		A int `json:"a"`
		B *string
	}
	type outer struct {
		inner
		A    string             `json:"a"` // wins
		List []float64          `json:"list,omitempty"`
		Map  map[string]bool    `json:"map"`
		Pair [2]float64         `json:"pair"`
		When time.Time          `json:"when"`
		Raw  json.RawMessage    `json:"raw"`
		Any  any                `json:"any"`
		Data []byte             `json:"data"`
		No   func()             `json:"-"`
		Deep map[string][]inner `json:"deep"`
	}
	s := schemaOf(reflect.TypeFor[outer]())
	properties := s["properties"].(schema)
	for name, want := range map[string]any{"a": "string", "B": []string{"string", "null"}, "list": []string{"array", "null"}, "map": []string{"object", "null"}, "pair": "array", "when": "string", "data": []string{"string", "null"}} {
		if got := properties[name].(schema)["type"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if len(properties["raw"].(schema)) != 0 || len(properties["any"].(schema)) != 0 || properties["No"] != nil {
		t.Errorf("%v", properties)
	}
	if got := s["required"].([]string); !reflect.DeepEqual(got, []string{"B", "a", "any", "data", "deep", "map", "pair", "raw", "when"}) {
		t.Errorf("%v", got)
	}
}
