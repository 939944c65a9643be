package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/internal/temporalsetup"
	"github.com/scalelaw/scalelaw/migrations"
	"github.com/scalelaw/scalelaw/store"
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

func (a *app) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database's schema and Temporal's search attributes up to date", Example: "  scalelaw migrate --database-url postgres://user@host/scalelaw", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s := &session{app: a}
			if err := s.find(ctx, need{command: "migrate", temporal: true, uiPort: servers.NoUI}); err != nil {
				return errors.Join(err, s.close())
			}
			return errors.Join(s.migrate(ctx), s.close())
		},
	}
}

func (s *session) migrate(ctx context.Context) error {
	from, to, err := store.Migrate(ctx, s.addresses.DatabaseURL)
	if err != nil {
		return err
	}
	if err := s.dial(ctx); err != nil {
		return err
	}
	added, err := temporalsetup.Register(ctx, s.temporal, s.addresses.TemporalNamespace)
	if err != nil {
		return err
	}
	t := &table{header: []string{"schema from", "to", "search attributes added"}}
	t.add(from, to, added)
	return s.app.print(map[string]any{"from": from, "to": to, "search_attributes_added": added}, t)
}

func (a *app) dbCommand() *cobra.Command {
	c := &cobra.Command{Use: "db", Short: "The database itself", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(
		&cobra.Command{Use: "url", Short: "Its address, while servers run", Example: "  psql \"$(scalelaw db url)\"", Args: exactly(), RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), "db url", func(s *session) error {
				if s.running != nil {
					a.say("nothing runs on %s: this address answers while `scalelaw up` does", a.config.DataDir)
				}
				_, err := fmt.Fprintln(a.stdout, s.addresses.DatabaseURL)
				return err
			})
		}},
		&cobra.Command{
			Use: "psql [-- ARGS]", Short: "psql on it", Example: "  scalelaw db psql -- -c 'select * from scaling_coefficients'",
			RunE: func(c *cobra.Command, args []string) error {
				return a.withStore(c.Context(), "db psql", func(s *session) error { return s.psql(c.Context(), args) })
			},
		},
	)
	return c
}

// psql runs Postgres' own client with our standard streams.
func (s *session) psql(ctx context.Context, args []string) error {
	path := filepath.Join(s.addresses.PostgresBin, "psql")
	if _, err := os.Stat(path); s.addresses.PostgresBin == "" || err != nil {
		if path, err = exec.LookPath("psql"); err != nil {
			return fmt.Errorf("psql is not on this machine (Debian: apt-get install postgresql-client): connect another client to %s", s.addresses.DatabaseURL)
		}
	}
	cmd := exec.CommandContext(ctx, path, append([]string{s.addresses.DatabaseURL}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.app.stdin, s.app.stdout, s.app.stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("psql: %w", err)
	}
	return nil
}

// finding is one line of doctor.
type finding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "What works here, and the way out where something does not", Example: "  scalelaw doctor", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			all := a.examine(c.Context())
			t := &table{header: []string{"what", "ok", "detail"}}
			bad := 0
			for _, f := range all {
				t.add(f.What, map[bool]string{true: "yes", false: "NO"}[f.OK], f.Detail)
				if !f.OK {
					bad++
				}
			}
			if err := a.print(all, t); err != nil || bad == 0 {
				return err
			}
			return fmt.Errorf("%d of %d checks failed", bad, len(all))
		},
	}
}

// lowDisk is the free space below which doctor complains.
const lowDisk = 2 << 30

func (a *app) examine(ctx context.Context) []finding {
	var all []finding
	add := func(what string, err error, detail string) {
		if err != nil {
			detail = err.Error()
		}
		all = append(all, finding{what, err == nil, detail})
	}
	add("program", nil, Version()+", "+runtime.Version()+", "+map[bool]string{true: "servers embedded", false: "servers by address"}[a.embedded != nil])
	if a.config.DatabaseURL == "" {
		bin, err := pgembed.FindBinaries(a.config.PostgresBin)
		add("Postgres' programs", err, bin)
		free, err := freeBytes(a.config.DataDir)
		if err == nil && free < lowDisk {
			err = fmt.Errorf("%.1f GB are free at %s: checkpoints need room; choose another --data-dir or free some", float64(free)/1e9, a.config.DataDir)
		}
		add("disk", err, fmt.Sprintf("%.1f GB free at %s", float64(free)/1e9, a.config.DataDir))
	}
	s, err := a.open(ctx, need{command: "doctor", temporal: true, uiPort: servers.NoUI})
	if err != nil {
		add("servers", err, "")
		return all
	}
	detail := "started for this check, stopped again"
	if s.attached {
		detail = fmt.Sprintf("those of `scalelaw %s` (pid %d)", s.addresses.Command, s.addresses.PID)
	}
	add("Postgres and its schema", nil, detail)
	add("Temporal", nil, s.addresses.TemporalAddress+" "+detail)
	add("stop", s.close(), "clean")
	return all
}

// freeBytes is the room left where a folder is or will be.
func freeBytes(dir string) (uint64, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			return st.Bavail * uint64(st.Bsize), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return 0, fmt.Errorf("free space of %s: %w", dir, err)
		}
		dir = parent
	}
}
