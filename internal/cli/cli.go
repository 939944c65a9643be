// Package cli is the command line: every verb of both programs. It ties the packages together
// and holds no logic of its own.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/scalelaw/scalelaw/internal/config"
	"github.com/scalelaw/scalelaw/internal/servers"
	"github.com/scalelaw/scalelaw/trainer/gpus"
)

// app is one invocation of the program.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	embedded       servers.Starter // nil in the small program
	host           *gpus.Host      // made when first asked for
	config         config.Config
	log            *slog.Logger
}

// Option changes what the program can do.
type Option func(*app)

// Embedded gives the program servers of its own.
func Embedded(s servers.Starter) Option { return func(a *app) { a.embedded = s } }

// Run does what args ask for and gives the exit code (see ExitCodes). Results go to stdout,
// everything else to stderr.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string, options ...Option) int {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv, log: slog.New(slog.DiscardHandler)}
	for _, o := range options {
		o(a)
	}
	root := a.root()
	root.SetArgs(append([]string{}, args...)) // not nil: cobra would take this process' own arguments
	err := knownVerb(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err != nil && !errors.Is(err, errSilent) {
		fmt.Fprintf(stderr, "scalelaw: %v\n", err)
	}
	return exitCode(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "scalelaw",
		Short:         "Train grids of models, fit their scaling laws, trace every coefficient to its runs",
		SilenceErrors: true, SilenceUsage: true,
		Args: noSuchVerb, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.configure() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	f := root.PersistentFlags()
	f.StringVar(&a.config.DataDir, "data-dir", "", "data folder of the embedded servers (SCALELAW_DATA_DIR)")
	f.StringVar(&a.config.DatabaseURL, "database-url", "", "an existing Postgres (SCALELAW_DATABASE_URL)")
	f.StringVar(&a.config.Artifacts, "artifacts", "", "folder of checkpoints (SCALELAW_ARTIFACTS)")
	f.StringVar(&a.config.LogLevel, "log-level", "", "debug, info, warn or error (SCALELAW_LOG_LEVEL)")
	f.StringVarP(&a.config.Output, "output", "o", "", "table, json or csv")
	f.BoolVar(&a.config.NoColor, "no-color", false, "no colours (NO_COLOR)")
	root.SetFlagErrorFunc(flagError)
	a.addGroup(root, "work", "Run sweeps", a.runCommand(), a.upCommand(), a.planCommand(), a.submitCommand(), a.trainCommand(), a.evalCommand(), a.embedCommand())
	a.addGroup(root, "look", "Look at them", a.listCommand(), a.statusCommand(), a.watchCommand(), a.runsCommand(), a.showCommand(), a.logsCommand())
	a.addGroup(root, "act", "Change them", a.pauseCommand(), a.resumeCommand(), a.cancelCommand(), a.retryCommand(), a.setCommand(), a.extendCommand(), a.evaluateCommand(), a.excludeCommand(), a.includeCommand(), a.deleteCommand(), a.pruneCommand())
	a.addGroup(root, "laws", "Laws", a.fitCommand(), a.coefficientsCommand(), a.predictCommand(), a.compareCommand(), a.predictionsCommand(), a.figureCommand(), a.reportCommand(), a.exclusionsCommand(), a.dataCommand())
	a.addGroup(root, "house", "The house", a.workerCommand(), a.webCommand(), a.migrateCommand(), a.tokenCommand(), a.auditCommand(), a.dbCommand(), a.benchCommand(), a.doctorCommand(), a.versionCommand())
	root.SetHelpCommandGroupID("house")
	root.SetHelpCommand(helpCommand(root))
	root.SetCompletionCommandGroupID("house")
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	return root
}

func (a *app) addGroup(root *cobra.Command, id, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: id, Title: title + ":"})
	for _, c := range commands {
		c.GroupID = id
		root.AddCommand(c)
	}
}

func (a *app) configure() error {
	c, err := a.config.Complete(a.getenv)
	if err != nil {
		return usage("%v", err)
	}
	a.config = c
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(c.LogLevel))); err != nil {
		return usage("log level: %v", err)
	}
	a.log = slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
	return nil
}

// terminal reports whether a person looks at stderr.
func (a *app) terminal() bool { return isTerminal(a.stderr) }

func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// say tells a person something that is no result.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.stderr, format+"\n", args...) }
