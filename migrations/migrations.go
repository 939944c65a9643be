// Package migrations makes and updates the schema: numbered SQL files, each applied once, in
// order, in a transaction, under a lock that lets only one program do it at a time.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/jackc/pgx/v5"
)

//go:embed *.sql
var files embed.FS

// ErrNewer means that the database was made by a newer program; ErrOlder that Apply has not
// been run; ErrChanged that a file that was applied is not the one this program has.
var (
	ErrNewer   = errors.New("the database's schema is newer than this program")
	ErrOlder   = errors.New("the database's schema is older than this program")
	ErrChanged = errors.New("the database's schema was made by a different version of a migration")
)

// lockKey is the advisory lock that Apply holds.
const lockKey = 0x5ca1e1a3

// migration is one file.
type migration struct {
	version int
	name    string
	sql     string
	sha256  string
}

var fileName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

// load reads the files: numbered from 1 without gaps or duplicates.
func load(source fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(source, ".")
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, e := range entries { // sorted by name
		m := fileName.FindStringSubmatch(e.Name())
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name must be NNNN_name.sql", e.Name())
		}
		version, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, err
		}
		if version != len(all)+1 {
			return nil, fmt.Errorf("migration %s: the next number is %04d", e.Name(), len(all)+1)
		}
		text, err := fs.ReadFile(source, e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		all = append(all, migration{version, m[2], string(text), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// Latest is the version that this program needs.
func Latest() (int, error) {
	all, err := load(files)
	return len(all), err
}

// Apply brings the schema up to date and tells the versions before and after.
func Apply(ctx context.Context, conn *pgx.Conn) (from, to int, err error) {
	all, err := load(files)
	if err != nil {
		return 0, 0, err
	}
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(lockKey)); err != nil {
		return 0, 0, fmt.Errorf("migrate: wait for the lock: %w", err)
	}
	defer conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(lockKey)) // ends with the connection anyway
	if _, err := conn.Exec(ctx, `create table if not exists schema_migrations (
		version int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`); err != nil {
		return 0, 0, fmt.Errorf("migrate: %w", err)
	}
	applied, err := compare(ctx, conn, all)
	if err != nil {
		return applied, applied, err
	}
	for _, m := range all[applied:] {
		if err := m.apply(ctx, conn); err != nil {
			return applied, m.version - 1, fmt.Errorf("migrate to %04d_%s: %w", m.version, m.name, err)
		}
	}
	return applied, len(all), nil
}

func (m migration) apply(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, m.sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "insert into schema_migrations (version, name, sha256) values ($1, $2, $3)", m.version, m.name, m.sha256)
		return err
	})
}

// compare checks that what was applied is a prefix of what this program has.
func compare(ctx context.Context, conn *pgx.Conn, all []migration) (applied int, err error) {
	rows, err := conn.Query(ctx, "select sha256 from schema_migrations order by version")
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	sums, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	if len(sums) > len(all) {
		return len(sums), fmt.Errorf("%w: it has version %d, this program knows %d: use the newer program, or another database", ErrNewer, len(sums), len(all))
	}
	for i, sum := range sums {
		if sum != all[i].sha256 {
			return len(sums), fmt.Errorf("%w: %04d_%s: use the program that made it, or another database", ErrChanged, i+1, all[i].name)
		}
	}
	return len(sums), nil
}

// Check reports whether the schema is the one this program needs, changing nothing.
func Check(ctx context.Context, conn *pgx.Conn) error {
	all, err := load(files)
	if err != nil {
		return err
	}
	var there bool
	if err := conn.QueryRow(ctx, "select to_regclass('schema_migrations') is not null").Scan(&there); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	applied := 0
	if there {
		if applied, err = compare(ctx, conn, all); err != nil {
			return err
		}
	}
	if applied < len(all) {
		return fmt.Errorf("%w: it has version %d, this program needs %d: run `scalelaw migrate`", ErrOlder, applied, len(all))
	}
	return nil
}
