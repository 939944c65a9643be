package sweep

import _ "embed"

//go:embed schema.json
var schema string

// Schema is the JSON Schema (draft 2020-12) of the sweep file, for editors and for whoever
// writes sweep files by program. It says what Parse can say of one value at a time; Parse also
// knows which names go together, what matches nothing and what stands twice.
func Schema() []byte { return []byte(schema) }
