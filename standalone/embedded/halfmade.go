package embedded

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/internal/pgembed"
)

// dropHalfMade empties Temporal's databases when their first setup was cut short: its statements
// are not one transaction, and do not bear to be repeated. The namespace is made last, so that
// without one there is nothing to lose.
func dropHalfMade(ctx context.Context, c *pgembed.Cluster) error {
	made, begun, err := setupState(ctx, c)
	if err != nil || made || !begun {
		return err
	}
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, name := range []string{temporalDB, visibilityDB} {
		quoted := pgx.Identifier{name}.Sanitize()
		for _, statement := range []string{"drop database " + quoted + " with (force)", "create database " + quoted} {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("make %s anew, whose first setup was cut short: %w", name, err)
			}
		}
	}
	return nil
}

// setupState says whether the first setup came to its end, and whether it began.
func setupState(ctx context.Context, c *pgembed.Cluster) (made, begun bool, err error) {
	for _, name := range []string{temporalDB, visibilityDB} {
		tables, namespaces, err := tablesOf(ctx, c.URL(name))
		if err != nil {
			return false, false, fmt.Errorf("%s: %w", name, err)
		}
		made, begun = made || namespaces, begun || tables
	}
	return made, begun, nil
}

// tablesOf says whether a database has tables, and whether it has a namespace of Temporal's.
func tablesOf(ctx context.Context, url string) (tables, namespaces bool, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, false, err
	}
	defer conn.Close(ctx)
	var known bool
	err = conn.QueryRow(ctx, "select exists (select from pg_tables where schemaname = 'public'), to_regclass('public.namespaces') is not null").Scan(&tables, &known)
	if err != nil || !known {
		return tables, false, err
	}
	err = conn.QueryRow(ctx, "select exists (select from namespaces)").Scan(&namespaces)
	return tables, namespaces, err
}
