package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/scalelaw/scalelaw/store"
)

// coefficients are those of stored fits.
var coefficients = bulk[store.Coefficient]{
	template: "coefficients", title: "Coefficients", tab: "coefficients",
	header: []string{"sweep", "metric", "group", "rule", "law", "coefficient", "value", "lower", "upper", "level", "interval_method", "compute_convention", "n_used", "n_points", "r2", "fit", "created_at", "newest", "stale"},
	cells: func(c store.Coefficient) []string {
		return []string{
			c.Sweep, c.Metric, text(c.Group), c.Rule, c.Law, c.Name, exact(&c.Value), exact(&c.Lower), exact(&c.Upper), exact(&c.Level), c.IntervalMethod, c.Convention,
			strconv.Itoa(c.NUsed), strconv.Itoa(c.NPoints), exact(c.R2), c.Fit, c.CreatedAt.UTC().Format("2006-01-02T15:04:05.000000Z"), strconv.FormatBool(c.Newest), text(c.Stale),
		}
	},
	read: func(ctx context.Context, s *Server, r *http.Request, p store.Page) (store.Listed[store.Coefficient], error) {
		q := r.URL.Query()
		return s.backend.Coefficients(ctx, store.FitFilter{Sweep: q.Get("sweep"), Metric: q.Get("metric"), Law: q.Get("law"), Rule: q.Get("rule"), All: q.Get("all") != ""}, p)
	},
}

// text is empty for nil.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// exact has every digit; empty for nil.
func exact(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}
