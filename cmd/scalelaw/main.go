// Command scalelaw is the small program: every verb, with servers by address.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/scalelaw/scalelaw/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
