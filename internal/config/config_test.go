package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// A flag wins over its variable, a variable over the default.
func TestPrecedence(t *testing.T) {
	variables := map[string]string{
		"SCALELAW_DATA_DIR": "/env/data", "SCALELAW_DATABASE_URL": "postgres://env/d", "SCALELAW_ARTIFACTS": "/env/artifacts",
		"SCALELAW_POSTGRES_BIN": "/env/bin", "SCALELAW_LOG_LEVEL": "debug", "NO_COLOR": "1",
	}
	fromEnv := Config{DataDir: "/env/data", DatabaseURL: "postgres://env/d", Artifacts: "/env/artifacts", PostgresBin: "/env/bin", LogLevel: "debug", Output: "table", NoColor: true}
	flags := Config{DataDir: "/flag/data", DatabaseURL: "postgresql://flag/d", Artifacts: "/flag/artifacts", PostgresBin: "/flag/bin", LogLevel: "error", Output: "csv", NoColor: true}
	some := fromEnv
	some.DataDir, some.Output = "/flag/data", "json"
	for _, c := range []struct {
		name        string
		flags, want Config
		variables   map[string]string
	}{
		{"variables", Config{}, fromEnv, variables},
		{"flags over variables", flags, flags, variables},
		{"flags alone", flags, flags, nil},
		{"some of both", Config{DataDir: "/flag/data", Output: "json"}, some, variables},
		{"defaults", Config{DataDir: "/d"}, Config{DataDir: "/d", LogLevel: "warn", Output: "table"}, nil},
		{"empty variables are none", Config{DataDir: "/d"}, Config{DataDir: "/d", LogLevel: "warn", Output: "table"}, map[string]string{"SCALELAW_LOG_LEVEL": "", "NO_COLOR": ""}},
	} {
		got, err := c.flags.Complete(env(c.variables))
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, d)
		}
	}
}

// There is no configuration file; what no flag and no variable says is the data folder's default.
func TestDefaultDataFolder(t *testing.T) {
	for _, c := range []struct {
		variables map[string]string
		want      string // for others than root
	}{
		{map[string]string{"HOME": "/home/ada"}, "/home/ada/.local/share/scalelaw"},
		{map[string]string{"HOME": "/home/ada", "XDG_DATA_HOME": "/data"}, "/data/scalelaw"},
		{map[string]string{"HOME": "/home/ada", "XDG_DATA_HOME": "relative"}, "/home/ada/.local/share/scalelaw"},
	} {
		want := filepath.FromSlash(c.want)
		if os.Geteuid() == 0 {
			want = "/var/lib/scalelaw"
		}
		if got, err := (Config{}).Complete(env(c.variables)); err != nil || got.DataDir != want {
			t.Errorf("%v: %s, %v; want %s", c.variables, got.DataDir, err, want)
		}
	}
}

// An error names the flag and its variable, because the user does not see which one it was.
func TestBadValues(t *testing.T) {
	for _, c := range []struct {
		flags     Config
		variables map[string]string
		want      []string
	}{
		{Config{LogLevel: "loud"}, nil, []string{"--log-level", "SCALELAW_LOG_LEVEL", `"loud"`, "debug, info, warn, error"}},
		{Config{}, map[string]string{"SCALELAW_LOG_LEVEL": "WARN"}, []string{"SCALELAW_LOG_LEVEL", `"WARN"`}},
		{Config{}, map[string]string{"SCALELAW_CPU": "sse"}, []string{"SCALELAW_CPU", `"sse"`, "avx512, avx2, portable"}},
		{Config{Output: "yaml"}, nil, []string{"--output", `"yaml"`, "table, json, csv"}},
		{Config{DatabaseURL: "localhost:5432"}, nil, []string{"--database-url", "SCALELAW_DATABASE_URL", "postgres://"}},
		{Config{}, map[string]string{"SCALELAW_DATABASE_URL": "mysql://h/d"}, []string{"SCALELAW_DATABASE_URL"}},
		{Config{DatabaseURL: "postgres://%zz"}, nil, []string{"--database-url"}},
	} {
		c.flags.DataDir = "/d"
		_, err := c.flags.Complete(env(c.variables))
		if err == nil {
			t.Errorf("%+v %v: no error", c.flags, c.variables)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%+v %v: %v has no %s", c.flags, c.variables, err, w)
			}
		}
	}
}

// A password in an address stays out of the message.
func TestBadAddressesAreNotRepeated(t *testing.T) {
	_, err := Config{DataDir: "/d", DatabaseURL: "mysql://ada:secret@h/d"}.Complete(env(nil))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

func TestVariablesHaveMeanings(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range Variables() {
		if v.Name == "" || v.Meaning == "" || seen[v.Name] {
			t.Errorf("%+v: without a name or meaning, or twice", v)
		}
		seen[v.Name] = true
	}
	// The ones that Complete reads, found by asking it.
	_, err := Config{}.Complete(func(name string) string {
		if !seen[name] && name != "HOME" && name != "XDG_DATA_HOME" {
			t.Errorf("%s is read, and is not on the list", name)
		}
		return map[string]string{"HOME": "/home/ada"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
}
