package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// bottlenecksPage is what holds a study back: which axis to scale next, and the figures that
// show it.
type bottlenecksPage struct {
	Name    string       `json:"sweep"`
	Metric  string       `json:"metric"`
	Shift   string       `json:"shift,omitempty"`
	Gains   []study.Gain `json:"gains"` // a doubling of each axis, where the grid is large
	From    float64      `json:"from"`  // GMACs of the larger cell of a pair
	Says    []string     `json:"says"`
	Plots   []shown      `json:"-"`
	Metrics []string     `json:"-"`
	Late    bool         `json:"-"`
	Ready   bool         `json:"-"`
}

// shown is a figure of the page with its heading and how to read it.
type shown struct {
	Heading, Reads, Words string // Words: why there is no figure
	Plot                  *plot
}

// boards are the figures of the page, by the last part of their address.
var boards = []struct{ name, heading, reads string }{
	{"isodata", "Iso-data curves", "Thick lines are the best error so far of each data scale. Where they part, data is the bottleneck."},
	{"residuals", "Residuals of the law", "Runs off the frontier lie above the law by what they give away: too little data, or a size that does not suit the compute."},
	{"isoflop", "Best size at equal compute", "Each curve is runs of about one compute; its bottom is the best model size there."},
	{"robustness", "Effective robustness", "Accuracy under shift against accuracy in distribution. Runs above the line keep more than this study's runs do on the whole."},
	{"heatmap", "The grid", "The metric by model, samples seen and data scale. Lighter is better."},
}

// board is everything that the page shows of a metric.
type board struct {
	sum     string
	gains   []study.Gain
	from    float64
	figures map[string]figure.Figure
	words   map[string]string // of figures that there are not
}

// shiftOf is ?shift=, or the metric under shift that goes with a metric.
func (s *Server) shiftOf(ctx context.Context, name, metric, asked string) (string, error) {
	scored, err := s.backend.MetricsScored(ctx, name)
	if err != nil || asked != "" {
		return asked, err
	}
	_, of, _ := strings.Cut(metric, "/")
	for _, m := range scored {
		task, what, _ := strings.Cut(m, "/")
		if m != metric && what == of && (strings.Contains(task, "shift") || strings.Contains(task, "robust")) {
			return m, nil
		}
	}
	return "", nil
}

func (s *Server) boardOf(ctx context.Context, name, metric, shift string, patient bool) (*board, bool, error) {
	key := "board " + name + "?" + url.Values{"metric": {metric}, "shift": {shift}}.Encode()
	do := func(ctx context.Context, last any) (any, error) { return s.makeBoard(ctx, name, metric, shift, last) }
	wait := patience
	if patient {
		wait = longPatience
	}
	value, late, err := s.answers.ask(ctx, key, wait, freshFor, do)
	if err == nil && late && patient {
		err = errLate
	}
	b, _ := value.(*board)
	return b, late, err
}

func (s *Server) makeBoard(ctx context.Context, name, metric, shift string, last any) (any, error) {
	g, err := study.ReadGrid(ctx, s.backend, name, metric)
	if err != nil {
		return nil, err
	}
	var other study.Grid
	if shift != "" {
		if other, err = study.ReadGrid(ctx, s.backend, name, shift); err != nil {
			return nil, err
		}
	}
	sum := sumOf(g.Runs, other.Runs)
	if l, ok := last.(*board); ok && l.sum == sum {
		return l, nil
	}
	b := &board{sum: sum, figures: map[string]figure.Figure{}, words: map[string]string{}}
	b.gains, b.from = g.Gains()
	b.figures["isodata"], b.figures["heatmap"], b.figures["robustness"] = g.Isodata(), g.Heatmap(), figure.NewRobustness(g.Robustness(other))
	if shift == "" {
		b.words["robustness"] = "No run was scored under shift: evaluate a task with shift in its name, or name one with ?shift=TASK/METRIC."
	}
	if len(g.Scored()) == 0 {
		for _, of := range boards {
			b.words[of.name] = "No run has been scored on " + metric + " yet."
		}
	}
	if err := b.fitted(ctx, s.options.Version, name, metric, "residuals", "", g.Runs); err != nil {
		return nil, err
	}
	return b, b.fitted(ctx, s.options.Version, name, metric, "isoflop", "isoflop", g.Runs)
}

// fitted adds a figure of a law. One that is refused leaves its reason.
func (b *board) fitted(ctx context.Context, version, name, metric, board, law string, runs []sweep.ScoredRun) error {
	ask := study.Ask{FitAsk: sweep.FitAsk{Metric: metric, Law: law, Select: "best"}, Options: fit.Options{NoChecks: true, Bootstrap: 400}}
	if law == "isoflop" {
		ask.Select = "all"
	}
	records, err := ask.Fit(ctx, version, name, runs)
	if err != nil || len(records) == 0 {
		return err
	}
	var plain []sweep.Run
	for _, r := range runs {
		plain = append(plain, r.Run)
	}
	laws := study.Together(records, plain)
	laws.Unit = study.GMACs.Label()
	if r := records[0].Result; r.Status != "ok" && b.words[board] == "" {
		b.words[board] = "There is no law to read it off: " + r.Reason.Text + "."
	}
	if law == "isoflop" {
		b.figures[board], err = laws.Profiles("GMACs a sample, forward")
	} else {
		b.figures[board], err = laws.Residuals(true)
	}
	return err
}

func bottlenecks(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	metric, shift, err := s.metricsOf(ctx, q)
	if err != nil {
		return view{}, err
	}
	p := bottlenecksPage{Name: name, Metric: metric, Shift: shift, Gains: []study.Gain{}, Says: []string{}}
	b, late, err := s.boardOf(ctx, name, metric, shift, wantsJSON(q) || q.URL.Query().Get("wait") != "")
	if err != nil {
		return view{}, err
	}
	if p.Late = late; b != nil {
		p.Ready, p.Gains, p.From = true, b.gains, b.from
		p.Says = study.Advice(b.gains, b.from)
		if p.Plots, err = b.shown(name, metric, shift); err != nil {
			return view{}, err
		}
	}
	p.Metrics, err = study.MetricsAsked(ctx, s.backend, name)
	return view{template: "bottlenecks", title: "Bottlenecks", tab: "bottlenecks", sweep: name, data: p}, err
}

// metricsOf are the metric and the one under shift.
func (s *Server) metricsOf(ctx context.Context, q *http.Request) (metric, shift string, err error) {
	name := q.PathValue("sweep")
	if metric, err = study.MetricOf(ctx, s.backend, name, q.URL.Query().Get("metric")); err != nil {
		return "", "", err
	}
	shift, err = s.shiftOf(ctx, name, metric, q.URL.Query().Get("shift"))
	return metric, shift, err
}

func (b *board) shown(name, metric, shift string) ([]shown, error) {
	var all []shown
	for _, of := range boards {
		one := shown{Heading: of.heading, Reads: of.reads, Words: b.words[of.name]}
		if f, ok := b.figures[of.name]; ok && one.Words == "" {
			query := url.Values{"metric": {metric}}
			if of.name == "robustness" {
				query.Set("shift", shift)
			}
			drawn, err := newPlot(f, sweepAddress(name)+"/"+of.name, query)
			if err != nil {
				return nil, err
			}
			one.Plot = &drawn
		}
		all = append(all, one)
	}
	return all, nil
}

// boardFigure is one of the page's figures in other forms.
func boardFigure(name string) drawing {
	return func(ctx context.Context, s *Server, q *http.Request) (figure.Figure, error) {
		metric, shift, err := s.metricsOf(ctx, q)
		if err != nil {
			return figure.Figure{}, err
		}
		b, _, err := s.boardOf(ctx, q.PathValue("sweep"), metric, shift, true)
		if err != nil {
			return figure.Figure{}, err
		}
		f := b.figures[name]
		if f.Refusal == "" {
			f.Refusal = b.words[name] // where the line would be
		}
		return f, nil
	}
}

// boardRoutes are the figures of the page in every form.
func boardRoutes() []route {
	var all []route
	for _, of := range boards {
		all = slices.Concat(all, drawn("/sweeps/{sweep}/"+of.name, strings.ToLower(of.heading), boardFigure(of.name)))
	}
	return all
}
