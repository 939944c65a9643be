package embedded

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A first setup that was cut short is begun anew; one that came to its end keeps what it has.
func TestSetupCutShort(t *testing.T) {
	need(t)
	o := options(folder(t))
	o.PostgresOnly = true
	r, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(context.Background(), r.Addresses.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	config := conn.Config().Copy()
	config.Database = temporalDB
	temporal, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	// What the first statements of Temporal's schema leave, when a kill follows.
	for _, statement := range []string{"create table namespaces (partition_id int, id bytea, primary key (partition_id, id))", "create table namespace_metadata (partition_id int primary key)", "insert into namespace_metadata values (54321)"} {
		if _, err := temporal.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	conn.Close(context.Background())
	temporal.Close(context.Background())
	if err := r.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	o.PostgresOnly = false
	whole, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, whole.Addresses)
	runGreeting(t, c, "kept")
	if err := whole.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	again := start(t, o)
	if _, err := dial(t, again.Addresses).DescribeWorkflowExecution(context.Background(), "kept", ""); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
}
