// Command standalone is scalelaw with its servers inside: a Temporal server, Temporal's web UI
// and a private Postgres are started by this one program.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/scalelaw/scalelaw/internal/cli"
	"github.com/scalelaw/scalelaw/standalone/embedded"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv, cli.Embedded(embedded.Start)))
}
