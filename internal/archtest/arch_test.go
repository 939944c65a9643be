// Package archtest holds the project to its import graph: a star with sweep at the centre.
// It reads the sources itself, because a test that shells out to the go command would be
// served stale from the test cache.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/scalelaw/scalelaw"

// allowed says which of our packages each of ours may import. An entry covers the folders
// below it; the longest matching entry counts. Tests of a package are not held to it.
var allowed = map[string][]string{
	"sweep":      {},
	"fit":        {},
	"migrations": {},
	"examples":   {},
	"figure":     {"fit"},
	"trainer":    {"sweep", "trainer"},
	"store":      {"sweep", "fit", "migrations"},
	"study":      {"sweep", "fit", "figure", "store", "trainer/icons32"}, // what is asked of a sweep's runs
	"report":     {"sweep", "fit", "figure", "study"},
	"activities": {"sweep", "trainer", "fit", "study"},
	"workflows":  {"sweep", "fit", "activities"},
	"web":        {"sweep", "fit", "figure", "store", "study", "report", "examples", "web"}, // of store the rows that it shows

	"internal/pgembed":       {},
	"internal/datadir":       {},
	"internal/temporalsetup": {},
	"internal/servers":       {"internal/datadir"},
	"internal/pgtest":        {"internal/pgembed", "migrations"},
	"internal/synthetic":     {"sweep", "store"},
	"internal/config":        {"internal/datadir"},
	"internal/cli": {
		"sweep", "fit", "figure", "trainer", "store", "study", "report", "activities", "workflows", "migrations", "web",
		"internal/config", "internal/datadir", "internal/servers", "internal/temporalsetup", "internal/pgembed", "internal/synthetic",
	},

	"cmd":        {"internal/cli", "internal/config"},
	"standalone": {"internal/cli", "internal/config", "internal/pgembed", "internal/datadir", "internal/servers", "internal/temporalsetup"},
}

func TestImportsFollowTheTable(t *testing.T) {
	files := sources(t, "../..")
	if len(files) < 20 {
		t.Fatalf("found only %d Go files: is this the project's root?", len(files))
	}
	checked := 0
	for _, f := range files {
		for _, imported := range ownImports(t, f) {
			checked++
			if !mayImport(folder(f), imported) {
				t.Errorf("%s imports %s, which the table does not allow", f, imported)
			}
		}
	}
	if checked == 0 {
		t.Fatal("no import between our packages was found")
	}
}

func TestEveryFolderHasARow(t *testing.T) {
	for _, f := range sources(t, "../..") {
		if _, ok := row(folder(f)); !ok {
			t.Errorf("%s: no row of the table covers its folder", f)
		}
	}
}

// sources lists the Go files below root that are no tests, as slash paths from root.
func sources(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && p != root) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") {
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func folder(file string) string { return path.Dir(file) }

func ownImports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", file), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if rest, ok := strings.CutPrefix(name, module+"/"); ok {
			own = append(own, rest)
		}
	}
	return own
}

// row finds the table's entry for a folder: itself or its nearest ancestor.
func row(dir string) ([]string, bool) {
	for ; dir != "."; dir = path.Dir(dir) {
		if may, ok := allowed[dir]; ok {
			return may, true
		}
	}
	return nil, false
}

func mayImport(dir, imported string) bool {
	may, _ := row(dir)
	within := func(entry string) bool { return imported == entry || strings.HasPrefix(imported, entry+"/") }
	return slices.ContainsFunc(may, within) || within(top(dir))
}

// top is the folder whose row covers dir: packages below one row may import each other.
func top(dir string) string {
	for d := dir; d != "."; d = path.Dir(d) {
		if _, ok := allowed[d]; ok {
			return d
		}
	}
	return dir
}
