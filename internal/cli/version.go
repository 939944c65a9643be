package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/migrations"
)

// version is set by the linker for releases.
var version = ""

// Version names this build: the release, or the commit it was built from.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changes"
		}
	}
	if revision == "" {
		return "devel"
	}
	return revision + changed
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "This program's version", Example: "  scalelaw version", Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			schema, err := migrations.Latest()
			if err != nil {
				return err
			}
			t := &table{header: []string{"version", "schema", "go", "platform", "servers"}}
			embedded := map[bool]string{true: "embedded", false: "by address"}[a.embedded != nil]
			platform := runtime.GOOS + "/" + runtime.GOARCH
			t.add(Version(), schema, runtime.Version(), platform, embedded)
			return a.print(map[string]any{"version": Version(), "schema": schema, "go": runtime.Version(), "platform": platform, "servers": embedded}, t)
		},
	}
}
