package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// sweepHistory and runHistory go to the history of a workflow in Temporal's own UI. They are
// addresses of ours, so that Temporal is asked for the newest execution only when somebody
// wants to see it.
func sweepHistory(ctx context.Context, s *Server, q *http.Request) (view, error) {
	return s.toHistory(ctx, s.backend.SweepWorkflow(q.PathValue("sweep")))
}

func runHistory(ctx context.Context, s *Server, q *http.Request) (view, error) {
	return s.toHistory(ctx, s.backend.RunWorkflow(q.PathValue("run")))
}

// elsewhere is an address that is not ours.
type elsewhere struct {
	Address string `json:"address"`
}

// inTemporal is the address that goes there from a page; empty: there is no such UI.
func (s *Server) inTemporal(page string) string {
	if s.options.TemporalUI == "" {
		return ""
	}
	return page + "/temporal"
}

func (s *Server) toHistory(ctx context.Context, workflow string) (view, error) {
	if s.options.TemporalUI == "" {
		return view{}, fmt.Errorf("the web UI of Temporal: %w: this server was not told its address (`web --temporal-ui`)", sweep.ErrNotFound)
	}
	run, err := s.backend.Execution(ctx, workflow)
	if err != nil {
		return view{}, err
	}
	address := fmt.Sprintf("%s/namespaces/%s/workflows/%s/%s/history", strings.TrimSuffix(s.options.TemporalUI, "/"),
		url.PathEscape(s.options.Namespace), url.PathEscape(workflow), url.PathEscape(run))
	return view{redirect: address, data: elsewhere{address}}, nil
}
