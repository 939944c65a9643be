package embedded

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"

	"github.com/scalelaw/scalelaw/internal/servers"
)

const loopback = "127.0.0.1"

// startTemporal brings its schema up to date, then starts the server and the web UI.
func (s *stack) startTemporal(ctx context.Context, o servers.Options) error {
	ports, err := choosePorts(o)
	if err != nil {
		return err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: "warn", OutputFile: filepath.Join(o.DataDir, "log", "temporal.log"), Format: "console"}))
	if err := dropHalfMade(ctx, s.postgres); err != nil {
		return fmt.Errorf("prepare Temporal's databases: %w", err)
	}
	if err := setupSchemas(s.postgres, logger); err != nil {
		return fmt.Errorf("prepare Temporal's schema: %w", err)
	}
	server, err := newServer(s.config(ports), logger)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start Temporal: %w", err)
	}
	s.onStop(func(context.Context) error { return server.Stop() })
	s.addresses.TemporalAddress = ports.address("frontend")
	if err := waitUntilServing(ctx, s.addresses.TemporalAddress); err != nil {
		return err
	}
	if o.UIPort == servers.NoUI {
		return nil
	}
	return s.startUI(o)
}

func newServer(c *config.Config, logger log.Logger) (temporal.Server, error) {
	authorizer, err := authorization.GetAuthorizerFromConfig(&c.Global.Authorization)
	if err != nil {
		return nil, fmt.Errorf("start Temporal: %w", err)
	}
	server, err := temporal.NewServer(
		temporal.WithConfig(c),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts(c)),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithDynamicConfigClient(dynamic),
	)
	if err != nil {
		return nil, fmt.Errorf("start Temporal: %w", err)
	}
	return server, nil
}

// dynamic are the settings that differ from Temporal's defaults, which are for clusters.
var dynamic = dynamicconfig.StaticClient{
	dynamicconfig.EnableActivityEagerExecution.Key():        true, // an activity on the workflow's own worker skips matching
	dynamicconfig.EnableEagerWorkflowStart.Key():            true,
	dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1, // one worker process is the rule
	dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
	dynamicconfig.FrontendRPS.Key():                         100000,
	dynamicconfig.MakeKey("frontend.namespaceRPS"):          100000,
	dynamicconfig.MakeKey("matching.enableFairness"):        true,
}

// services are Temporal's four, all in this process.
var services = []primitives.ServiceName{primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService}

func hosts(c *config.Config) map[primitives.ServiceName]static.Hosts {
	all := map[primitives.ServiceName]static.Hosts{}
	for _, name := range services {
		all[name] = static.SingleLocalHost(net.JoinHostPort(loopback, strconv.Itoa(c.Services[string(name)].RPC.GRPCPort)))
	}
	return all
}

func (s *stack) config(p ports) *config.Config {
	c := &config.Config{
		Persistence: config.Persistence{
			DefaultStore: "default", VisibilityStore: "visibility", NumHistoryShards: 4,
			DataStores: map[string]config.DataStore{
				"default":    {SQL: sqlConfig(s.postgres, temporalDB)},
				"visibility": {SQL: sqlConfig(s.postgres, visibilityDB)},
			},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: "active", CurrentClusterName: "active",
			ClusterInformation: map[string]cluster.ClusterInformation{
				"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: p.address("frontend")},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            map[string]config.Service{},
		Archival:            config.Archival{History: config.HistoryArchival{State: "disabled"}, Visibility: config.VisibilityArchival{State: "disabled"}},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History: config.HistoryArchivalNamespaceDefaults{State: "disabled"}, Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		PublicClient: config.PublicClient{HostPort: p.address("frontend")},
	}
	c.Global.Membership = config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback}
	for _, name := range services {
		c.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: p[string(name)], BindOnIP: loopback, MembershipPort: p[string(name)+"/membership"]}}
	}
	return c
}

// ports are those that the services listen on, on loopback.
type ports map[string]int

func (p ports) address(service string) string {
	return net.JoinHostPort(loopback, strconv.Itoa(p[service]))
}

func choosePorts(o servers.Options) (ports, error) {
	p := ports{}
	for _, name := range services {
		for _, suffix := range []string{"", "/membership"} {
			port, err := freePort()
			if err != nil {
				return nil, err
			}
			p[string(name)+suffix] = port
		}
	}
	if o.TemporalPort != 0 {
		if err := portIsFree(o.TemporalPort, "--temporal-port"); err != nil {
			return nil, err
		}
		p["frontend"] = o.TemporalPort
	}
	return p, nil
}

// waitUntilServing waits for the namespace to be known and answering.
func waitUntilServing(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := client.NewLazyClient(client.Options{HostPort: address, Namespace: namespace, Logger: quiet{}})
	if err != nil {
		return fmt.Errorf("reach the embedded Temporal: %w", err)
	}
	defer c.Close()
	for {
		if err = describe(ctx, c); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the embedded Temporal does not answer at %s: %w", address, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// quiet drops what the SDK logs while the server comes up.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
