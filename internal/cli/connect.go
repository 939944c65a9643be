package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"

	"github.com/scalelaw/scalelaw/internal/datadir"
	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// need is which servers a verb wants.
type need struct {
	command   string
	temporal  bool
	uiPort    int
	uiFixed   bool
	temporalP int
	own       bool // attaching to another process' servers is no use: up
}

// session is a connection to servers, ours or others'.
type session struct {
	app       *app
	store     *store.Store
	temporal  client.Client // nil when it was not needed
	addresses datadir.Addresses
	attached  bool // another process' embedded servers, whose worker does the work
	running   *servers.Running
	lost      <-chan struct{} // closed when all GPUs of this process' worker are
}

// open finds the servers: those named by address, those of a process that runs on the data
// folder, or our own.
func (a *app) open(ctx context.Context, n need) (*session, error) {
	s := &session{app: a}
	if err := s.find(ctx, n); err != nil {
		return nil, errors.Join(err, s.close())
	}
	st, err := store.Open(ctx, s.addresses.DatabaseURL)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.store = st
	if n.temporal {
		if err := s.dial(ctx); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

func (s *session) find(ctx context.Context, n need) error {
	c := s.app.config
	if c.DatabaseURL != "" {
		s.addresses.DatabaseURL = c.DatabaseURL
		return nil
	}
	running, err := datadir.Read(c.DataDir)
	switch {
	case err == nil && n.own:
		return fmt.Errorf("%w: `scalelaw %s` (pid %d) runs on %s since %s; its addresses: Temporal %s, web UI %s", datadir.ErrHeld, running.Command, running.PID, c.DataDir, running.Started.Format(time.DateTime), running.TemporalAddress, running.TemporalUI)
	case err == nil && (running.TemporalAddress != "" || !n.temporal):
		s.addresses, s.attached = running, true
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return s.start(ctx, n)
}

// start brings up our own servers. When another process is just starting or stopping its own,
// it is given some time.
func (s *session) start(ctx context.Context, n need) error {
	a := s.app
	if a.embedded == nil {
		return fmt.Errorf("no servers: %w: give --database-url and TEMPORAL_ADDRESS, start `up` on %s, or use the standalone program (go run ./standalone, bin/scalelaw-standalone)", sweep.ErrUnreachable, a.config.DataDir)
	}
	if address := a.getenv("TEMPORAL_ADDRESS"); n.temporal && address != "" {
		a.say("TEMPORAL_ADDRESS (%s) is not used: without --database-url the servers are the embedded ones", address)
	}
	o := servers.Options{
		DataDir: a.config.DataDir, Command: n.command, Version: Version(), PostgresBin: a.config.PostgresBin, LogLevel: a.config.LogLevel,
		UIPort: n.uiPort, UIPortFixed: n.uiFixed, TemporalPort: n.temporalP, PostgresOnly: !n.temporal, Prepare: migrate,
	}
	for end := time.Now().Add(20 * time.Second); ; {
		running, err := a.embedded(ctx, o)
		if err == nil {
			s.running, s.addresses = running, running.Addresses
			return nil
		}
		if !errors.Is(err, datadir.ErrHeld) || n.own || time.Now().After(end) || ctx.Err() != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
		if other, readErr := datadir.Read(a.config.DataDir); readErr == nil && (other.TemporalAddress != "" || !n.temporal) {
			s.addresses, s.attached = other, true
			return nil
		}
	}
}

// migrate brings the schema of our own database up to date.
func migrate(ctx context.Context, url string) error {
	_, _, err := store.Migrate(ctx, url)
	return err
}

// dial connects to Temporal: the embedded one, or the one that its own variables name.
func (s *session) dial(ctx context.Context) error {
	options := client.Options{HostPort: s.addresses.TemporalAddress, Namespace: s.addresses.TemporalNamespace}
	if options.HostPort == "" {
		external, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: environment{s.app.getenv}})
		if err != nil {
			return usage("Temporal's variables: %v", err)
		}
		options = external
	}
	options.Logger = log.NewStructuredLogger(s.app.log)
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return fmt.Errorf("connect to Temporal at %s: %w: start it, or name another with TEMPORAL_ADDRESS: %w", options.HostPort, sweep.ErrUnreachable, err)
	}
	s.temporal = c
	if s.addresses.TemporalNamespace = options.Namespace; options.Namespace == "" {
		s.addresses.TemporalNamespace = client.DefaultNamespace
	}
	return nil
}

// environment lets Temporal's own variables come from where all others do.
type environment struct{ getenv func(string) string }

func (e environment) Environ() []string { return os.Environ() }

func (e environment) LookupEnv(name string) (string, bool) {
	value := e.getenv(name)
	return value, value != ""
}

// close lets go of everything, our own servers last.
func (s *session) close() error {
	if s.temporal != nil {
		s.temporal.Close()
	}
	if s.store != nil {
		s.store.Close()
	}
	if s.running == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	return s.running.Stop(ctx)
}

// withStore opens what only reads and writes Postgres needs.
func (a *app) withStore(ctx context.Context, command string, do func(s *session) error) error {
	return a.with(ctx, need{command: command, uiPort: servers.NoUI}, do)
}

// withTemporal opens both servers.
func (a *app) withTemporal(ctx context.Context, command string, do func(s *session) error) error {
	return a.with(ctx, need{command: command, temporal: true, uiPort: servers.NoUI}, do)
}

func (a *app) with(ctx context.Context, n need, do func(s *session) error) error {
	s, err := a.open(ctx, n)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.close())
}
