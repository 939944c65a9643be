package store

import (
	"errors"
	"testing"

	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/sweep"
)

// A scratch database is made beside another and dropped; nothing else is ever dropped.
func TestScratchDatabases(t *testing.T) {
	url := pgtest.New(t)
	made, err := NewScratch(ctx, url, "one")
	must(t, err)
	if _, err := NewScratch(ctx, url, "one"); err == nil {
		t.Error("a database that is there was made again")
	}
	s, err := Open(ctx, made)
	must(t, err)
	equal(t, "sweeps", count(t, s, "select count(*) from sweeps"), 0)
	s.Close()
	if err := DropScratch(ctx, url); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a database that is no scratch: %v", err)
	}
	must(t, DropScratch(ctx, made))
	if _, err := Open(ctx, made); err == nil {
		t.Error("it is still there")
	}
}

func TestAddressesWithAnotherDatabase(t *testing.T) {
	for from, want := range map[string]string{
		"postgres:///a?host=%2Ftmp&dbname=a": "postgres:///b?host=%2Ftmp",
		"postgres://u:p@h:5/a":               "postgres://u:p@h:5/b",
		"host=h dbname=a":                    "host=h dbname=a dbname=b",
	} {
		equal(t, from, named(from, "b"), want)
	}
}

// Statements are counted by the context that they ran under.
func TestQueriesAreCounted(t *testing.T) {
	s, r := oneRun(t)
	under, n := CountQueries(ctx)
	_, err := s.Run(under, r.ID)
	must(t, err)
	equal(t, "a query", n.N(), int64(1))
	_, err = s.RunDetail(under, r.ID)
	must(t, err)
	equal(t, "a batch of six and a query more", n.N(), int64(8))
	_, err = s.Run(ctx, r.ID)
	must(t, err)
	equal(t, "without a count", n.N(), int64(8))
}
