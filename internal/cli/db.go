package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/internal/temporalsetup"
	"github.com/scalelaw/scalelaw/store"
)

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
	return group("db", "The database itself",
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
