package main
import (
 _ "go.temporal.io/server/temporal"
 _ "go.temporal.io/server/common/config"
 _ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
 _ "go.temporal.io/server/schema/sqlite"
 _ "go.temporal.io/server/schema"
 _ "go.temporal.io/server/tools/sql"
 _ "go.temporal.io/server/tools/common/schema"
 _ "github.com/temporalio/ui-server/v2/server"
 _ "github.com/scalelaw/scalelaw/sweep"
)
func main(){}
