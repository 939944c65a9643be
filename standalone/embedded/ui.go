package embedded

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	ui "github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"

	"github.com/scalelaw/scalelaw/internal/servers"
)

// startUI starts Temporal's web UI on loopback.
func (s *stack) startUI(o servers.Options) error {
	port, err := uiPort(o)
	if err != nil {
		return err
	}
	server := ui.NewServer(server_options.WithConfigProvider(&config.Config{
		Host: loopback, Port: port, TemporalGRPCAddress: s.addresses.TemporalAddress, EnableUI: true,
		DefaultNamespace: namespace, DisableNewsFetch: true, HideLogs: true,
		CORS: config.CORS{CookieInsecure: true},
	}))
	failed := make(chan error, 1)
	go func() { failed <- server.Start() }()
	s.onStop(func(context.Context) error { server.Stop(); return nil })
	s.addresses.TemporalUI = "http://" + net.JoinHostPort(loopback, strconv.Itoa(port))
	return waitForPage(s.addresses.TemporalUI, failed)
}

func waitForPage(address string, failed <-chan error) error {
	c := http.Client{Timeout: time.Second}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-failed:
			return fmt.Errorf("start Temporal's web UI: %w", err)
		default:
		}
		if r, err := c.Get(address + "/healthz"); err == nil {
			return r.Body.Close()
		}
	}
	return fmt.Errorf("start Temporal's web UI: it does not answer at %s", address)
}

// uiPort is the port asked for, when it is free; when nobody asked, the next free one will do.
func uiPort(o servers.Options) (int, error) {
	if o.UIPort == 0 {
		return freePort()
	}
	err := portIsFree(o.UIPort, "--ui-port")
	if err != nil && !o.UIPortFixed {
		return freePort()
	}
	return o.UIPort, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func portIsFree(port int, flag string) error {
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("port %d is in use: choose another with %s (0: any free one): %w", port, flag, err)
	}
	return l.Close()
}
