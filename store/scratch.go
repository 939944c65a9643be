package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// scratchPrefix marks databases that may be dropped.
const scratchPrefix = "scalelaw_scratch_"

// NewScratch makes an empty database with the schema beside the one that address names, on the same
// server, and gives its address. Nobody's data is in it.
func NewScratch(ctx context.Context, address, name string) (string, error) {
	database := scratchPrefix + name
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return "", fmt.Errorf("%w: database url: %w", sweep.ErrBadInput, err)
	}
	if err := onServer(ctx, config, "create database "+pgx.Identifier{database}.Sanitize()); err != nil {
		return "", fmt.Errorf("make the scratch database %s: %w", database, err)
	}
	made := named(address, database)
	if _, _, err := Migrate(ctx, made); err != nil {
		return "", errors.Join(err, DropScratch(ctx, made))
	}
	return made, nil
}

// DropScratch removes a database that NewScratch made, and no other.
func DropScratch(ctx context.Context, address string) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("%w: database url: %w", sweep.ErrBadInput, err)
	}
	if !strings.HasPrefix(config.Database, scratchPrefix) {
		return fmt.Errorf("drop database %s: %w: it is no scratch database", config.Database, sweep.ErrBadInput)
	}
	database := config.Database
	config.Database = "postgres"
	return wrap("drop the scratch database "+database, onServer(ctx, config, "drop database "+pgx.Identifier{database}.Sanitize()+" with (force)"))
}

func onServer(ctx context.Context, config *pgx.ConnConfig, statement string) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return wrap("connect to Postgres", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return err
}

// named is an address with another database in it.
func named(address, database string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return fmt.Sprintf("%s dbname=%s", address, database) // of the form host=... ; the last dbname counts
	}
	u.Path = "/" + database
	q := u.Query()
	q.Del("dbname") // which would win over the path
	u.RawQuery = q.Encode()
	return u.String()
}
