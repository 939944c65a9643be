package web

import (
	"encoding/json"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// schema is a JSON Schema (draft 2020-12) as OpenAPI 3.1 takes it.
type schema map[string]any

var marshaler = reflect.TypeFor[json.Marshaler]()

// schemaOf describes what encoding/json makes of values of a type. What a type writes by a
// method of its own is not described.
func schemaOf(t reflect.Type) schema {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	case t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler):
		return schema{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return orNull(schemaOf(t.Elem()))
	case reflect.Struct:
		return structSchema(t)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return orNull(schema{"type": "string", "contentEncoding": "base64"})
		}
		return orNull(schema{"type": "array", "items": schemaOf(t.Elem())})
	case reflect.Array:
		return schema{"type": "array", "items": schemaOf(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	case reflect.Map:
		return orNull(schema{"type": "object", "additionalProperties": schemaOf(t.Elem())})
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return schema{"type": "number"}
	case reflect.Interface:
		return schema{}
	}
	return schema{"type": "integer"}
}

func orNull(s schema) schema {
	if kind, ok := s["type"].(string); ok {
		s = maps.Clone(s)
		s["type"] = []string{kind, "null"}
	}
	return s
}

// structSchema has a property for each field that is written; those without omitempty are
// always there.
func structSchema(t reflect.Type) schema {
	properties, required := schema{}, []string{}
	addFields(t, properties, &required)
	s := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		slices.Sort(required)
		s["required"] = slices.Compact(required)
	}
	return s
}

// addFields adds those of embedded structs first, so that outer ones of the same JSON name win.
func addFields(t reflect.Type, properties schema, required *[]string) {
	for f := range structFields(t) {
		if embedded(f) {
			addFields(f.Type, properties, required)
		}
	}
	for f := range structFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || embedded(f) || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		properties[name] = schemaOf(f.Type)
		if !strings.Contains(options, "omitempty") {
			*required = append(*required, name)
		}
	}
}

// embedded reports whether a struct's fields are written as those of the struct around it.
func embedded(f reflect.StructField) bool {
	return f.Anonymous && f.Tag.Get("json") == "" && f.Type.Kind() == reflect.Struct
}

func structFields(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}
