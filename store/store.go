// Package store is every SQL statement of the program, over a pgx pool, one file a group of
// tables. Every write may come twice, because activities are retried, and then changes nothing.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scalelaw/scalelaw/migrations"
	"github.com/scalelaw/scalelaw/sweep"
)

// Store reads and writes the database. It is safe for concurrent use.
type Store struct {
	pool  *pgxpool.Pool
	cache runCache
}

// Open connects and checks that the schema is the one this program needs.
func Open(ctx context.Context, url string) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("%w: database url: %w", sweep.ErrBadInput, err)
	}
	config.MaxConns = max(config.MaxConns, 12)
	config.ConnConfig.ConnectTimeout = 10 * time.Second
	config.ConnConfig.RuntimeParams["application_name"] = "scalelaw"
	config.ConnConfig.Tracer = tracer{}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, wrap("connect to Postgres", err)
	}
	s := &Store{pool: pool}
	if err := s.check(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) check(ctx context.Context) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return wrap("connect to Postgres", err)
	}
	defer conn.Release()
	return wrap("check the schema", migrations.Check(ctx, conn.Conn()))
}

// Migrate brings the schema of a database up to date.
func Migrate(ctx context.Context, url string) (from, to int, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, 0, wrap("connect to Postgres", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	from, to, err = migrations.Apply(ctx, conn)
	return from, to, wrap("migrate", err)
}

// Close lets the connections go.
func (s *Store) Close() { s.pool.Close() }

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return wrap("reach the database", s.pool.Ping(ctx)) }

// wrap says what was being done, and gives losses of the server and missing rows their kinds.
func wrap(doing string, err error) error {
	var network net.Error
	var server *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("%s: %w", doing, sweep.ErrNotFound)
	case errors.As(err, &server):
		return fmt.Errorf("%s: %w", doing, serverError(server))
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF),
		strings.Contains(err.Error(), "conn closed"):
		return fmt.Errorf("%s: Postgres %w: %w", doing, sweep.ErrUnreachable, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// serverError classes what Postgres says: 57P is a server that goes away or comes up, 08 a lost
// connection, 53100 a full disk.
func serverError(e *pgconn.PgError) error {
	switch {
	case strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "08"):
		return fmt.Errorf("the database %w: %w", sweep.ErrUnreachable, e)
	case e.Code == "53100":
		return fmt.Errorf("the disk of Postgres: %w: %w", sweep.ErrNoSpace, e)
	}
	return e
}

// read collects the rows of a query as structs by column name or as single values.
func read[T any](ctx context.Context, s *Store, doing string, row pgx.RowToFunc[T], query string, args ...any) ([]T, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, wrap(doing, err)
	}
	all, err := pgx.CollectRows(rows, row)
	return all, wrap(doing, err)
}

func (s *Store) exec(ctx context.Context, doing, statement string, args ...any) (int64, error) {
	tag, err := s.pool.Exec(ctx, statement, args...)
	return tag.RowsAffected(), wrap(doing, err)
}
