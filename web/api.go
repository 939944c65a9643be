package web

import (
	"context"
	"net/http"
	"reflect"
	"strings"
)

// documented is what a program that calls a route wants to know beyond its address.
type documented struct {
	query map[string]string // name of a parameter -> what it does
	gives any               // a value of the type that is answered as JSON; nil: it is no JSON
	kind  string            // media type where it is no JSON
	takes map[string]string // fields of a form that is posted
}

// openAPI is the document of the API, made of the table of routes.
func openAPI(version string, routes []route, docs map[string]documented) schema {
	paths := schema{}
	for _, r := range routes {
		method, pattern, _ := strings.Cut(r.Pattern, " ")
		path := strings.ReplaceAll(pattern, "{$}", "")
		operations, ok := paths[path].(schema)
		if !ok {
			operations = schema{}
			paths[path] = operations
		}
		operations[strings.ToLower(method)] = operation(r, docs[r.Pattern])
	}
	return schema{
		"openapi": "3.1.0",
		"info": schema{
			"title": "scalelaw", "version": version,
			"description": "The addresses of the pages, as JSON: Accept: application/json, or ?format=json. Lists end with `next`, a cursor for ?after=; lists of rows also come as CSV and NDJSON, whole. Answers have an ETag.",
			"license":     schema{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"paths": paths,
		"components": schema{
			"securitySchemes": schema{"token": schema{"type": "http", "scheme": "bearer", "description": "made by `scalelaw token create`"}},
			"schemas":         schema{"Problem": schemaOf(reflect.TypeFor[problem]())},
		},
		"security": []schema{{"token": []string{}}, {}},
	}
}

func operation(r route, d documented) schema {
	answer := schema{"description": "done"}
	switch {
	case d.gives != nil:
		answer["content"] = schema{"application/json": schema{"schema": schemaOf(reflect.TypeOf(d.gives))}}
	case d.kind != "":
		answer["content"] = schema{d.kind: schema{}}
	}
	failure := schema{"description": "an error, in words", "content": schema{"application/json": schema{"schema": schema{"$ref": "#/components/schemas/Problem"}}}}
	out := schema{"summary": r.Does, "parameters": parameters(r.Pattern, d.query), "responses": schema{"200": answer, "default": failure}}
	if len(d.takes) > 0 {
		properties := schema{}
		for name, does := range d.takes {
			properties[name] = schema{"type": "string", "description": does}
		}
		out["requestBody"] = schema{"content": schema{"application/x-www-form-urlencoded": schema{"schema": schema{"type": "object", "properties": properties}}}}
	}
	return out
}

// parameters are those of the path and of the query.
func parameters(pattern string, query map[string]string) []schema {
	all := []schema{}
	for part := range strings.SplitSeq(pattern, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && part != "{$}" {
			all = append(all, schema{"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true, "schema": schema{"type": "string"}})
		}
	}
	for _, name := range sorted(query) {
		all = append(all, schema{"name": name, "in": "query", "description": query[name], "schema": schema{"type": "string"}})
	}
	return all
}

// apiPage answers the document; as a page, the list of addresses.
func apiPage(_ context.Context, s *Server, r *http.Request) (view, error) {
	if wantsJSON(r) {
		return view{data: openAPI(s.options.Version, routes(), docs())}, nil
	}
	return view{template: "api", title: "API", tab: "api", data: listedRoutes()}, nil
}

// listedRoute is a route as people read it.
type listedRoute struct {
	Method, Path, Does string
	Query              []field
}

func listedRoutes() []listedRoute {
	var all []listedRoute
	for _, r := range routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		one := listedRoute{Method: method, Path: strings.ReplaceAll(path, "{$}", ""), Does: r.Does}
		for _, name := range sorted(docs()[r.Pattern].query) {
			one.Query = append(one.Query, field{name, docs()[r.Pattern].query[name]})
		}
		all = append(all, one)
	}
	return all
}
