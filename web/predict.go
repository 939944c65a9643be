package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/study"
	"github.com/scalelaw/scalelaw/sweep"
)

// predictPage turns a budget into the best configuration and its error, or an error into what it
// takes, by the law that the choices ask for.
type predictPage struct {
	choices  `json:"-"`
	Name     string             `json:"sweep"`
	Asked    []spent            `json:"predictions"` // of ?at=, a law each
	Reached  []study.Reached    `json:"reached"`     // of ?error=
	Promised []store.Prediction `json:"registered"`
	Answer   *lawAnswer         `json:"-"`
	Late     bool               `json:"-"`
	Metrics  []string           `json:"-"`
}

// spent is what a law expects of a budget.
type spent struct {
	Fit   string  `json:"fit"`
	Group *string `json:"group"`
	fit.Prediction
	Cell     *study.Cell `json:"cell"`
	Warnings []fit.Note  `json:"warnings"`
	Reason   *fit.Note   `json:"reason,omitempty"` // why there is no prediction
}

// waits reports whether a request is one that waits for its answer.
func waits(q *http.Request, c choices) bool { return wantsJSON(q) || c.At > 0 || c.Error > 0 }

func predict(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	c, err := s.lawChoices(ctx, q)
	if err != nil {
		return view{}, err
	}
	c.Unit = ""
	p := predictPage{choices: c, Name: name, Asked: []spent{}, Reached: []study.Reached{}}
	if p.Answer, p.Late, err = s.lawOf(ctx, name, c, waits(q, c)); err != nil {
		return view{}, err
	}
	if p.Answer != nil {
		if err := s.foretell(ctx, &p); err != nil {
			return view{}, err
		}
	}
	if p.Promised, err = s.backend.Predictions(ctx, store.PredictionFilter{Sweep: name}); err != nil {
		return view{}, err
	}
	if p.Promised == nil {
		p.Promised = []store.Prediction{}
	}
	p.Metrics, err = study.MetricsAsked(ctx, s.backend, name)
	return view{template: "predict", title: "Predict", tab: "predict", sweep: name, data: p}, err
}

// foretell answers ?at= and ?error= by every law.
func (s *Server) foretell(ctx context.Context, p *predictPage) error {
	if p.At == 0 && p.Error == 0 {
		return nil
	}
	key := fmt.Sprintf("predict %s?%s at %g error %g of %s", p.Name, p.key(), p.At, p.Error, p.Answer.sum)
	value, err := s.answers.must(ctx, key, 0, func(ctx context.Context, _ any) (any, error) {
		var done predictPage
		for _, r := range p.Answer.Records {
			if p.At > 0 {
				one, err := s.spend(ctx, r, p.At)
				if err != nil {
					return nil, err
				}
				done.Asked = append(done.Asked, one)
			}
			if p.Error > 0 {
				found, _, err := study.Reach(ctx, s.backend, r, []float64{p.Error})
				if err != nil {
					return nil, err
				}
				done.Reached = append(done.Reached, found...)
			}
		}
		return done, nil
	})
	if err != nil {
		return err
	}
	done := value.(predictPage)
	p.Asked, p.Reached = append(p.Asked, done.Asked...), append(p.Reached, done.Reached...)
	return nil
}

// spend is what a law expects of an amount of compute, and the cell to train for it.
func (s *Server) spend(ctx context.Context, r fit.Record, compute float64) (spent, error) {
	one := spent{Fit: r.ID, Group: r.Options.Group, Warnings: []fit.Note{}, Reason: r.Result.Reason}
	if r.Result.Status != "ok" {
		return one, nil
	}
	result, err := r.Predict(ctx, []float64{compute})
	if err != nil {
		return one, err
	}
	if result.Status != "ok" {
		one.Reason = result.Reason
		return one, nil
	}
	one.Prediction, one.Warnings = result.Predictions[0], result.Warnings
	cells, err := study.Spend(ctx, s.backend, r, []float64{compute})
	if err == nil && len(cells) == 1 {
		one.Cell = &cells[0]
	}
	return one, err
}

// Laws, Rules and Groupings are for the form.
func (p predictPage) Laws() []string { return sweep.FitLaws }

// Command asks the same on the command line.
func (p predictPage) Command(id string) string {
	return fmt.Sprintf("scalelaw predict %s --compute %g", short(id), p.At)
}

// Query is the page's, for forms that post the same question.
func (p predictPage) Query() url.Values { return p.query() }

// register stores the law and keeps its prediction until a run lands at that compute.
func register(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	c, err := s.posted(ctx, q)
	if err != nil {
		return view{}, err
	}
	note(ctx, "register prediction", name, "C = "+strconv.FormatFloat(c.At, 'g', -1, 64))
	if c.At == 0 {
		return view{}, fmt.Errorf("at: %w: the compute of the prediction is needed", sweep.ErrBadInput)
	}
	records, err := s.storeAsked(ctx, name, c)
	if err != nil {
		return view{}, err
	}
	for _, r := range records {
		result, err := r.Predict(ctx, []float64{c.At})
		if err != nil {
			return view{}, err
		}
		if result.Status != "ok" {
			return view{}, fmt.Errorf("%w: there is no prediction to register: %s", sweep.ErrBadInput, result.Reason.Text)
		}
		if err := s.backend.Register(ctx, r, result.Predictions, visitorOf(q).Name, store.ComputeTolerance, study.Converted(r.Metric)); err != nil {
			return view{}, err
		}
	}
	promised, err := s.backend.Predictions(ctx, store.PredictionFilter{Sweep: name})
	return view{redirect: lawAddress(name, "predict", c.query(), nil), data: promised}, err
}

// predictionsPage is every registered prediction.
type predictionsPage struct {
	Promised []store.Prediction `json:"predictions"`
}

func predictions(ctx context.Context, s *Server, q *http.Request) (view, error) {
	all, err := s.backend.Predictions(ctx, store.PredictionFilter{Sweep: q.URL.Query().Get("sweep"), Open: q.URL.Query().Get("open") != ""})
	if all == nil {
		all = []store.Prediction{}
	}
	return view{template: "predictions", title: "Predictions", tab: "predictions", data: predictionsPage{all}}, err
}
