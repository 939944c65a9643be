package cli

import (
	"errors"
	"fmt"
	"testing"

	"go.temporal.io/api/serviceerror"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/internal/datadir"
	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/migrations"
	"github.com/scalelaw/scalelaw/sweep"
)

// The numbers are a contract with scripts, so they stand here as numbers.
func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{sweep.ErrNoSpace, 1}, {sweep.ErrOutOfMemory, 1},
		{usage("no"), 2}, {sweep.ErrBadInput, 2}, {sweep.ErrUnsupported, 2}, {sweep.ErrNotFound, 2}, {sweep.ErrExists, 2}, {sweep.ErrDenied, 2}, {sweep.ErrDataMissing, 2},
		{&sweep.ParseError{}, 2}, {fit.ErrInput, 2}, {errOver, 2},
		{migrations.ErrNewer, 2}, {migrations.ErrChanged, 2}, {datadir.ErrVersion, 2},
		{silently(errRefused), 3},
		{silently(errRunsFailed), 4}, {sweep.ErrDiverged, 4},
		{sweep.ErrUnreachable, 5}, {datadir.ErrHeld, 5}, {pgembed.ErrNoBinaries, 5}, {serviceerror.NewUnavailable("away"), 5},
	} {
		for _, err := range []error{c.err, fmt.Errorf("while testing: %w", c.err)} {
			if c.err == nil {
				err = nil
			}
			if got := exitCode(err); got != c.code {
				t.Errorf("%v: exit code %d, want %d", err, got, c.code)
			}
		}
	}
}

// Where an error is several things at once, failed runs come before refused fits, and a mistake
// of the user before a server that is away.
func TestExitCodesOfJoinedErrors(t *testing.T) {
	for _, c := range []struct {
		errs []error
		code int
	}{
		{[]error{errRefused, errRunsFailed}, 4},
		{[]error{sweep.ErrUnreachable, usage("no")}, 2},
		{[]error{sweep.ErrBadInput, sweep.ErrUnreachable}, 5},
		{[]error{errors.New("anything"), errRefused}, 3},
	} {
		if got := exitCode(errors.Join(c.errs...)); got != c.code {
			t.Errorf("%v: exit code %d, want %d", c.errs, got, c.code)
		}
	}
}

func TestMistakesInTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"plann", "x.yaml"}, []string{"`scalelaw plann`", `did you mean "plan"?`}},
		{[]string{"zzzzzzzzzz"}, []string{"`scalelaw zzzzzzzzzz`", "scalelaw --help"}},
		{[]string{"fit", "cvs", "--x", "a"}, []string{"`scalelaw fit cvs`", `did you mean "csv"?`}},
		{[]string{"--no-color", "fit", "--data-dir", "d", "lst"}, []string{"`scalelaw fit lst`", `did you mean "list"?`}},
		{[]string{"help", "plam"}, []string{`did you mean "plan"?`}},
		{[]string{"help", "fit", "sho"}, []string{`did you mean "show"?`}},
		{[]string{"completion", "bush"}, []string{`did you mean "bash"?`}},
		{[]string{"fit", "csv", "runs.csv", "--wher", "a=b"}, []string{"`scalelaw fit csv`", `did you mean "--where"?`}},
		{[]string{"version", "--log-levle", "info"}, []string{`did you mean "--log-level"?`}},
		{[]string{"fit", "csv", "runs.csv", "--zzzzzzzzz"}, []string{"no flag --zzzzzzzzz", "scalelaw fit csv --help"}},
		{[]string{"list", "-q"}, []string{"'q'", "scalelaw list --help"}},
		{[]string{"fit", "csv", "--bins", "many"}, []string{"many", "--bins", "scalelaw fit csv --help"}},
		{[]string{"fit", "csv", "--x"}, []string{"needs an argument", "--x"}},
		{[]string{"plan"}, []string{"`scalelaw plan --help`", "takes a sweep file"}},
		{[]string{"plan", "a.yaml", "b.yaml"}, []string{"takes a sweep file"}},
		{[]string{"set", "s"}, []string{"takes a sweep and NAME=VALUE"}},
		{[]string{"list", "all"}, []string{"takes no arguments"}},
		{[]string{"evaluate", "s"}, []string{"takes a sweep and a task"}},
		{[]string{"predict"}, []string{"takes a fit's id"}},
		{[]string{"predict", "1c", "--compute", "1e6", "lots"}, []string{`"lots" is no amount of compute`}},
		{[]string{"predict", "1c"}, []string{"--compute is needed"}},
		{[]string{"set", "s", "concurrency"}, []string{`"concurrency" is not NAME=VALUE`}},
		{[]string{"set", "s", "concurrency=two"}, []string{`concurrency is "two"`}},
		{[]string{"set", "s", "gpu_hours=x"}, []string{`gpu_hours is "x"`}},
		{[]string{"set", "s", "colour=red"}, []string{`"colour" cannot be set`}},
		{[]string{"bench", "orchestrate", "--runs", "0"}, []string{"--runs is 0"}},
		{[]string{"up", "--database-url", "postgres://h/d"}, []string{"use `worker`"}},
		{[]string{"logs", "1", "-o", "csv"}, []string{"-o json"}},
		{[]string{"fit", "new", "s", "--bootstrap", "0"}, []string{"--bootstrap", "above 0"}},
		{[]string{"fit", "new", "s", "--rule", ""}, []string{"--rule", "not empty"}},
		{[]string{"-o", "xml", "version"}, []string{`"xml"`, "table, json, csv"}},
	} {
		o := fails(t, environ(t), 2, c.want, c.args...)
		if o.out != "" {
			t.Errorf("%v: stdout should stay empty: %s", c.args, o.out)
		}
	}
}

// Without servers of its own the small program says how to name some.
func TestNoServers(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"status", "s"}, {"watch", "s"}, {"doctor"}, {"worker"}} {
		o := invoke(environ(t), "", args...)
		if want := map[bool]int{true: 1, false: 5}[args[0] == "doctor"]; o.code != want {
			t.Errorf("%v: exit code %d, want %d", args, o.code, want)
		}
		has(t, fmt.Sprint(args), o.out+o.err, "--database-url", "TEMPORAL_ADDRESS", "standalone")
	}
	fails(t, environ(t, "SCALELAW_DATABASE_URL", "postgres:///d?host=/nowhere&connect_timeout=2"), 5, []string{"Postgres cannot be reached"}, "list")
}
