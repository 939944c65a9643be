// Package embedded starts the servers that a laptop needs: Postgres as a child process, a
// Temporal server and its web UI within this one.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/server/common/headers"

	"github.com/scalelaw/scalelaw/internal/datadir"
	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/internal/servers"
)

// Names of the databases in the one private cluster.
const (
	productDB    = "scalelaw"
	temporalDB   = "temporal"
	visibilityDB = "temporal_visibility"
)

// namespace is where the embedded Temporal keeps the workflows.
const namespace = "default"

var _ servers.Starter = Start

// Start starts Postgres, Temporal and its web UI on a data folder, in that order, and takes the
// folder's lock. What was started is stopped again when a later one fails.
func Start(ctx context.Context, o servers.Options) (*servers.Running, error) {
	s := &stack{}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.stop(context.WithoutCancel(ctx)))
	}
	return &servers.Running{Addresses: s.addresses, Stop: s.stop, Failed: s.postgres.Failed()}, nil
}

// stack is what runs, and how to stop it, last first.
type stack struct {
	addresses datadir.Addresses
	postgres  *pgembed.Cluster
	stops     []func(context.Context) error
}

func (s *stack) onStop(f func(context.Context) error) { s.stops = append(s.stops, f) }

func (s *stack) stop(ctx context.Context) error {
	var errs []error
	for i := len(s.stops) - 1; i >= 0; i-- {
		errs = append(errs, s.stops[i](ctx))
	}
	s.stops = nil
	return errors.Join(errs...)
}

func (s *stack) start(ctx context.Context, o servers.Options) error {
	dir, err := datadir.Prepare(o.DataDir)
	if err != nil {
		return err
	}
	o.DataDir = dir
	lock, err := datadir.Acquire(dir, o.Command)
	if err != nil {
		return err
	}
	s.onStop(func(context.Context) error { return lock.Release() })
	if err := s.startPostgres(ctx, o); err != nil {
		return err
	}
	if o.Prepare != nil {
		if err := o.Prepare(ctx, s.postgres.URL(productDB)); err != nil {
			return err
		}
	}
	s.addresses = datadir.Addresses{
		PID: os.Getpid(), Command: o.Command, Started: time.Now(), Version: o.Version,
		DatabaseURL: s.postgres.URL(productDB), TemporalNamespace: namespace, PostgresBin: s.postgres.BinDir(),
	}
	if !o.PostgresOnly {
		if err := s.startTemporal(ctx, o); err != nil {
			return err
		}
	}
	s.onStop(func(context.Context) error { return datadir.Remove(dir) })
	return s.addresses.Write(dir)
}

func (s *stack) startPostgres(ctx context.Context, o servers.Options) error {
	log, err := openLog(o.DataDir, "postgres.log")
	if err != nil {
		return err
	}
	s.onStop(func(context.Context) error { return log.Close() })
	s.postgres, err = pgembed.Start(ctx, pgembed.Options{
		Dir: filepath.Join(o.DataDir, "postgres"), BinDir: o.PostgresBin, CacheDir: filepath.Join(o.DataDir, "cache", "postgres"),
		Databases: []string{productDB, temporalDB, visibilityDB}, Log: log, Settings: postgresSettings,
	})
	if err != nil {
		return err
	}
	s.onStop(s.postgres.Stop)
	now := datadir.Versions{Postgres: s.postgres.Version(), Temporal: headers.ServerVersion}
	if err := datadir.CheckVersions(o.DataDir, now); err != nil {
		return err
	}
	if o.PostgresOnly {
		return nil
	}
	return datadir.WriteVersions(o.DataDir, now)
}

// postgresSettings suit a laptop: a commit does not wait for the disk. What a crash can cost
// stands in docs/decisions/0005.
var postgresSettings = map[string]string{
	"synchronous_commit":   "off",
	"shared_buffers":       "128MB",
	"max_connections":      "100",
	"wal_writer_delay":     "50ms",
	"checkpoint_timeout":   "15min",
	"max_wal_size":         "2GB",
	"jit":                  "off",
	"autovacuum_naptime":   "30s",
	"log_checkpoints":      "off",
	"log_min_messages":     "warning",
	"idle_session_timeout": "0",
}

// maxLog is the size at which a log is put aside; one older part is kept.
const maxLog = 20 << 20

func openLog(dir, name string) (*os.File, error) {
	path := filepath.Join(dir, "log", name)
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, fmt.Errorf("put aside the log: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return f, nil
}
