package web

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// metricRow is a number of a training stream; what is not finite is null in JSON, and NaN or
// +Inf in CSV.
type metricRow struct {
	Name        string   `json:"name"`
	Step        int64    `json:"step"`
	SamplesSeen int64    `json:"samples_seen"`
	Value       *float64 `json:"value"`
	exact       float64
}

// runMetrics are the rows of a run's training stream, of ?name= alone where it is given.
var runMetrics = bulk[metricRow]{
	header: []string{"name", "step", "samples_seen", "value"},
	cells: func(m metricRow) []string {
		return []string{m.Name, strconv.FormatInt(m.Step, 10), strconv.FormatInt(m.SamplesSeen, 10), strconv.FormatFloat(m.exact, 'g', -1, 64)}
	},
	read: func(ctx context.Context, s *Server, r *http.Request, p store.Page) (store.Listed[metricRow], error) {
		run, err := s.backend.RunDetail(ctx, r.PathValue("run"))
		if err != nil {
			return store.Listed[metricRow]{}, err
		}
		part, err := s.backend.MetricsPage(ctx, run.ID, r.URL.Query()["name"], p)
		return store.Listed[metricRow]{Rows: metricRows(part.Rows), Next: part.Next}, err
	},
}

func metricRows(rows []sweep.Metric) []metricRow {
	all := make([]metricRow, len(rows))
	for i, m := range rows {
		all[i] = metricRow{m.Name, m.Step, m.SamplesSeen, &m.Value, m.Value}
		if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			all[i].Value = nil
		}
	}
	return all
}
