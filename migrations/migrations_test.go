package migrations_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/migrations"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestApplyOnceWhoeverAsks(t *testing.T) {
	url := pgtest.Empty(t)
	latest, err := migrations.Latest()
	if err != nil || latest < 2 {
		t.Fatalf("%d migrations: %v", latest, err)
	}
	if err := migrations.Check(context.Background(), connect(t, url)); !errors.Is(err, migrations.ErrOlder) {
		t.Errorf("an empty database: %v", err)
	}
	var wait sync.WaitGroup
	for range 4 {
		conn := connect(t, url)
		wait.Go(func() {
			if _, to, err := migrations.Apply(context.Background(), conn); err != nil || to != latest {
				t.Errorf("applied to %d: %v", to, err)
			}
		})
	}
	wait.Wait()
	if err := migrations.Check(context.Background(), connect(t, url)); err != nil {
		t.Error(err)
	}
}

func TestOtherSchemasAreRefused(t *testing.T) {
	for _, c := range []struct {
		change string
		want   error
	}{
		{"insert into schema_migrations (version, name, sha256) values (99, 'later', 'x')", migrations.ErrNewer},
		{"update schema_migrations set sha256 = 'x' where version = 1", migrations.ErrChanged},
	} {
		conn := connect(t, pgtest.New(t))
		if _, err := conn.Exec(context.Background(), c.change); err != nil {
			t.Fatal(err)
		}
		if err := migrations.Check(context.Background(), conn); !errors.Is(err, c.want) {
			t.Errorf("check: %v, want %v", err, c.want)
		}
		if _, _, err := migrations.Apply(context.Background(), conn); !errors.Is(err, c.want) {
			t.Errorf("apply: %v, want %v", err, c.want)
		}
	}
}

func TestEveryTableAndColumnIsExplained(t *testing.T) {
	conn := connect(t, pgtest.New(t))
	rows, err := conn.Query(context.Background(), `
		select c.relname || coalesce('.' || a.attname, '')
		from pg_class c
		join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
		left join lateral (select attname, attnum from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and c.relkind = 'r'
		                   union all select null, 0) a on true
		where c.relkind in ('r', 'v') and c.relname <> 'schema_migrations' and col_description(c.oid, a.attnum) is null
		  and (a.attnum > 0 or obj_description(c.oid) is null)`)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(bare) > 0 {
		t.Errorf("without a comment: %v (%v)", bare, err)
	}
}
