package embedded

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // registers the plugin
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/tools/common/schema"
	"go.temporal.io/server/tools/sql"
	"google.golang.org/protobuf/types/known/durationpb"

	namespacepb "go.temporal.io/api/namespace/v1"

	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/internal/temporalsetup"
)

// retention is how long finished workflows can be looked at in Temporal's web UI. What they
// did is in Postgres for ever.
const retention = 90 * 24 * time.Hour

func sqlConfig(c *pgembed.Cluster, database string) *config.SQL {
	return &config.SQL{
		PluginName: "postgres12_pgx", DatabaseName: database, User: c.User(),
		ConnectAddr: "localhost", ConnectProtocol: "unix",
		ConnectAttributes: map[string]string{"host": c.SocketDir(), "sslmode": "disable"},
		MaxConns:          8, MaxIdleConns: 8, MaxConnLifetime: time.Hour,
	}
}

// setupSchemas makes or updates Temporal's two schemas and the namespace with the search
// attributes that workflows set.
func setupSchemas(c *pgembed.Cluster, logger log.Logger) error {
	for database, files := range map[string]string{temporalDB: "postgresql/v12/temporal", visibilityDB: "postgresql/v12/visibility"} {
		if err := updateSchema(sqlConfig(c, database), files, logger); err != nil {
			return fmt.Errorf("%s: %w", database, err)
		}
	}
	space, err := sqlite.NewNamespaceConfig("active", namespace, false, temporalsetup.SearchAttributes())
	if err != nil {
		return fmt.Errorf("namespace: %w", err)
	}
	if err := sqlite.CreateNamespaces(sqlConfig(c, temporalDB), space); err != nil {
		return fmt.Errorf("namespace: %w", err)
	}
	return nil
}

func updateSchema(c *config.SQL, files string, logger log.Logger) error {
	conn, err := sql.NewConnection(c, logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ReadSchemaVersion(); err != nil {
		if err := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, logger).Run(); err != nil {
			return err
		}
	}
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{DBName: c.DatabaseName, SchemaName: files}, logger).Run()
}

// describe asks for the namespace and, the first time, raises how long it keeps workflows.
func describe(ctx context.Context, c client.Client) error {
	d, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	if err != nil {
		return err
	}
	if d.Config.WorkflowExecutionRetentionTtl.AsDuration() == retention {
		return nil
	}
	_, err = c.WorkflowService().UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: namespace, Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(retention)},
	})
	return err
}
