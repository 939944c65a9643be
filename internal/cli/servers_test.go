package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/internal/datadir"
	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/internal/servers"
)

// standIn is a Starter with a database that runs anyway; it counts.
type standIn struct {
	url     string
	err     error
	asked   servers.Options
	stopped int
}

func (s *standIn) start(ctx context.Context, o servers.Options) (*servers.Running, error) {
	s.asked = o
	if s.err != nil {
		return nil, s.err
	}
	if err := o.Prepare(ctx, s.url); err != nil {
		return nil, err
	}
	stop := func(context.Context) error { s.stopped++; return nil }
	return &servers.Running{Addresses: datadir.Addresses{DatabaseURL: s.url}, Stop: stop}, nil
}

func (s *standIn) invoke(getenv func(string) string, args ...string) outcome {
	var out, errs bytes.Buffer
	code := Run(ctx, args, strings.NewReader(""), &out, &errs, getenv, Embedded(s.start))
	return outcome{code, out.String(), errs.String()}
}

// A verb that only reads starts Postgres alone, without a port for people, migrates it, and
// stops it again, also when the verb fails.
func TestReadingVerbsStartPostgresAndStopIt(t *testing.T) {
	getenv := environ(t)
	for _, c := range []struct {
		verb string
		args []string
		code int
	}{{"list", nil, 0}, {"status", []string{"none"}, 2}, {"db url", nil, 0}, {"coefficients", nil, 0}} {
		s := &standIn{url: pgtest.Empty(t)}
		if o := s.invoke(getenv, append(strings.Fields(c.verb), c.args...)...); o.code != c.code {
			t.Errorf("%s: exit code %d, want %d: %s", c.verb, o.code, c.code, o.err)
		}
		if !s.asked.PostgresOnly || s.asked.UIPort != servers.NoUI || s.asked.Command != c.verb || s.asked.DataDir != getenv("SCALELAW_DATA_DIR") {
			t.Errorf("%s asked for %+v", c.verb, s.asked)
		}
		if s.stopped != 1 {
			t.Errorf("%s: stopped %d times", c.verb, s.stopped)
		}
	}
}

func TestServersThatDoNotStart(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{fmt.Errorf("%w: made by Postgres 14", datadir.ErrVersion), 2},
		{errors.New("initdb: it did not work"), 1},
	} {
		s := &standIn{err: c.err}
		if o := s.invoke(environ(t), "list"); o.code != c.code || !strings.Contains(o.err, c.err.Error()) {
			t.Errorf("%v: exit code %d, want %d: %s", c.err, o.code, c.code, o.err)
		}
	}
}

// TEMPORAL_ADDRESS without a database is a setting that does nothing: that is said.
func TestTemporalAddressAloneIsNotUsed(t *testing.T) {
	s := &standIn{err: errors.New("not today")}
	has(t, "stderr", s.invoke(environ(t, "TEMPORAL_ADDRESS", "h:1"), "pause", "s").err, "TEMPORAL_ADDRESS (h:1) is not used")
	if o := s.invoke(environ(t, "TEMPORAL_ADDRESS", "h:1"), "list"); strings.Contains(o.err, "TEMPORAL_ADDRESS") {
		t.Errorf("list needs no Temporal: %s", o.err)
	}
}

// Servers that another process runs on the data folder are used, not started again; `up` names it.
func TestAttachToAnotherProcess(t *testing.T) {
	getenv := environ(t)
	dir := getenv("SCALELAW_DATA_DIR")
	lock, err := datadir.Acquire(dir, "up")
	must(t, err)
	t.Cleanup(func() { must(t, lock.Release()) })
	url := pgtest.New(t)
	must(t, datadir.Addresses{PID: os.Getpid(), Command: "up", DatabaseURL: url, TemporalAddress: "127.0.0.1:1"}.Write(dir))
	s := &standIn{err: errors.New("this must not be started")}
	o := s.invoke(getenv, "db", "url")
	equal(t, "the address", o.out+o.err, url+"\n")
	o = s.invoke(getenv, "up", "--ui-port", "-1")
	equal(t, "exit code of a second up", o.code, exitUnreachable)
	has(t, "a second up", o.err, "`scalelaw up`", fmt.Sprintf("pid %d", os.Getpid()), "127.0.0.1:1")
	fails(t, getenv, exitUnreachable, []string{"127.0.0.1:1"}, "pause", "s")
}

// Verbs that need Temporal say where they looked, from the variables that were given.
func TestTemporalAway(t *testing.T) {
	w := newWorld(t)
	for _, args := range [][]string{{"watch", "quickstart"}, {"submit", "testdata/quickstart.yaml", "--yes"}} {
		fails(t, w.getenv, exitUnreachable, []string{"Temporal at 127.0.0.1:1", "cannot be reached", "TEMPORAL_ADDRESS"}, args...)
	}
	o := fails(t, w.getenv, exitFailure, []string{"checks failed"}, "doctor", "-o", "json")
	all := decode[[]finding](t, o.out)
	if last := all[len(all)-1]; !all[0].OK || last.OK || !strings.Contains(last.Detail, "127.0.0.1:1") {
		t.Errorf("%+v", all)
	}
}

// A database without the schema names the verb that makes it; migrate makes it before it looks
// for Temporal, and a second time changes nothing.
func TestMigrate(t *testing.T) {
	getenv := environ(t, "SCALELAW_DATABASE_URL", pgtest.Empty(t), "TEMPORAL_ADDRESS", "127.0.0.1:1")
	o := invoke(getenv, "", "list")
	if o.code == exitDone {
		t.Fatal("an empty database was listed")
	}
	has(t, "no schema", o.err, "scalelaw migrate")
	fails(t, getenv, exitUnreachable, []string{"Temporal at 127.0.0.1:1"}, "migrate")
	equal(t, "list", succeeds(t, getenv, "list", "-o", "json").out, "[]\n")
}

func TestDatabaseVerbs(t *testing.T) {
	w := newWorld(t)
	equal(t, "db url", succeeds(t, w.getenv, "db", "url").out, w.getenv("SCALELAW_DATABASE_URL")+"\n")
	t.Run("psql", func(t *testing.T) {
		o := invoke(w.getenv, "select count(*) from runs", "db", "psql", "--", "-At")
		if strings.Contains(o.err, "psql is not on this machine") {
			t.Skip("no psql on this machine")
		}
		equal(t, "psql", o.out+o.err, "16\n")
		fails(t, w.getenv, exitFailure, []string{"nowhere", "psql: exit status"}, "db", "psql", "--", "-c", "select * from nowhere")
	})
}
