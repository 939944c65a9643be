// Package servers is the seam between the command line and the embedded servers: the small
// program has none, the standalone one hands in a Starter.
package servers

import (
	"context"

	"github.com/scalelaw/scalelaw/internal/datadir"
)

// NoUI as Options.UIPort starts no web UI.
const NoUI = -1

// Options says what to start.
type Options struct {
	DataDir      string
	Command      string // the verb, for others who find the folder held
	Version      string // of the program
	PostgresBin  string // folder of Postgres' programs; empty: searched
	UIPort       int    // of Temporal's web UI; 0: any free one; NoUI: none
	UIPortFixed  bool   // the port was asked for: one in use is an error, not a reason to take another
	TemporalPort int    // 0: any free one
	PostgresOnly bool
	LogLevel     string
	Prepare      func(ctx context.Context, databaseURL string) error // the database, before anyone is told of the servers
}

// Running is what was started. Stop may be called once.
type Running struct {
	Addresses datadir.Addresses
	Stop      func(context.Context) error
	Failed    <-chan error // a server went away for good
}

// Starter starts the servers of a data folder and takes the folder's lock; when another
// process has it, the error wraps datadir.ErrHeld.
type Starter func(ctx context.Context, o Options) (*Running, error)
