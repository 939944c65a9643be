// Package pgtest gives tests a real Postgres: one private cluster a test process, a fresh
// database with the product's schema a test.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/migrations"
)

const template = "template_scalelaw"

type server struct {
	dir     string
	cluster *pgembed.Cluster
	err     error
}

var (
	once   sync.Once
	shared server
	number atomic.Int64
)

// Main runs a package's tests and stops the server afterwards: os.Exit(pgtest.Main(m)).
func Main(m *testing.M) int {
	defer func() {
		if shared.cluster != nil {
			shared.cluster.Stop(context.Background())
		}
		os.RemoveAll(shared.dir)
	}()
	return m.Run()
}

func start() {
	ctx := context.Background()
	if shared.dir, shared.err = os.MkdirTemp("", "pgtest-"); shared.err != nil {
		return
	}
	if shared.err = os.Chmod(shared.dir, 0o755); shared.err != nil {
		return
	}
	shared.cluster, shared.err = pgembed.Start(ctx, pgembed.Options{
		Dir: filepath.Join(shared.dir, "postgres"), Databases: []string{template},
		Settings: map[string]string{"fsync": "off", "max_connections": "60"},
	})
	if shared.err == nil {
		shared.err = migrate(ctx, shared.cluster.URL(template))
	}
}

func migrate(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, _, err = migrations.Apply(ctx, conn)
	return errors.Join(err, conn.Close(ctx))
}

// Cluster starts the server on first use. Without Postgres the test is skipped, or fails where
// REQUIRE_POSTGRES=1.
func Cluster(t testing.TB) *pgembed.Cluster {
	t.Helper()
	once.Do(start)
	if shared.err != nil && os.Getenv("REQUIRE_POSTGRES") != "1" && errors.Is(shared.err, pgembed.ErrNoBinaries) {
		t.Skipf("no Postgres on this machine (REQUIRE_POSTGRES=1 makes this a failure): %v", shared.err)
	}
	if shared.err != nil {
		t.Fatalf("start Postgres: %v", shared.err)
	}
	return shared.cluster
}

// New gives the address of a fresh database with the schema; Empty of one without.
func New(t testing.TB) string { return create(t, template) }

// Empty gives the address of a fresh, empty database.
func Empty(t testing.TB) string { return create(t, "template1") }

func create(t testing.TB, from string) string {
	t.Helper()
	c := Cluster(t)
	name := fmt.Sprintf("test_%d", number.Add(1))
	admin(t, c, fmt.Sprintf("create database %s template %s", pgx.Identifier{name}.Sanitize(), pgx.Identifier{from}.Sanitize()))
	t.Cleanup(func() { admin(t, c, fmt.Sprintf("drop database %s with (force)", pgx.Identifier{name}.Sanitize())) })
	return c.URL(name)
}

func admin(t testing.TB, c *pgembed.Cluster, statement string) {
	t.Helper()
	Exec(t, c.URL("postgres"), statement)
}

// Exec runs a statement on a database, for what no part of the program would do.
func Exec(t testing.TB, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}
