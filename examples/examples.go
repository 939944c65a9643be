// Package examples holds the sweep files to start from, as the program offers them.
package examples

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names are those of the examples, quickstart first.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // embedded files can be listed
	}
	names := []string{"quickstart"}
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".yaml"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// File is the text of an example.
func File(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no example %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return files.ReadFile(name + ".yaml")
}
