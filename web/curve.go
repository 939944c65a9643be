package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// curve says what is drawn of a run's training stream.
type curve struct {
	measure    string // loss, learning_rate, ...
	against    string // samples, steps or compute
	logX, logY bool
}

var (
	measures = []string{"loss", "learning_rate", "grad_norm", "logit_scale", "samples_per_second"}
	axes     = map[string]string{"samples": "Samples seen", "steps": "Optimizer steps", "compute": "Compute (GMACs, forward)"}
	units    = map[string]string{"loss": "loss (nats)", "learning_rate": "learning rate", "grad_norm": "gradient norm", "logit_scale": "logit scale (ln)", "samples_per_second": "samples/s"}
)

// curvePoints is how many parts a curve is read in.
const curvePoints = 400

// curveOf reads ?measure=, ?against= and ?log=.
func curveOf(q url.Values) (curve, error) {
	c := curve{measure: "loss", against: "samples", logX: strings.Contains(q.Get("log"), "x"), logY: strings.Contains(q.Get("log"), "y")}
	if m := q.Get("measure"); m != "" {
		c.measure = m
	}
	if a := q.Get("against"); a != "" {
		c.against = a
	}
	if !slices.Contains(measures, c.measure) {
		return c, fmt.Errorf("measure: %w: %q is none of %s", sweep.ErrBadInput, c.measure, strings.Join(measures, ", "))
	}
	if axes[c.against] == "" {
		return c, fmt.Errorf("against: %w: %q is none of samples, steps, compute", sweep.ErrBadInput, c.against)
	}
	return c, nil
}

// query is the curve's part of an address.
func (c curve) query() url.Values {
	q := url.Values{}
	if c.measure != "loss" {
		q.Set("measure", c.measure)
	}
	if c.against != "samples" {
		q.Set("against", c.against)
	}
	if log := strings.Repeat("x", btoi(c.logX)) + strings.Repeat("y", btoi(c.logY)); log != "" {
		q.Set("log", log)
	}
	return q
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// runCurve draws a run's curve.
func runCurve(ctx context.Context, s *Server, r *http.Request) (figure.Figure, error) {
	d, err := s.backend.RunDetail(ctx, r.PathValue("run"))
	if err != nil {
		return figure.Figure{}, err
	}
	return curves(ctx, s, r, d)
}

// comparedCurves draws those of the runs that ?run= names.
func comparedCurves(ctx context.Context, s *Server, r *http.Request) (figure.Figure, error) {
	runs, err := compared(ctx, s, r.URL.Query())
	if err != nil {
		return figure.Figure{}, err
	}
	return curves(ctx, s, r, runs...)
}

func curves(ctx context.Context, s *Server, r *http.Request, runs ...store.RunDetail) (figure.Figure, error) {
	c, err := curveOf(r.URL.Query())
	if err != nil {
		return figure.Figure{}, err
	}
	in := figure.CurvesInput{Title: "Learning curves", X: axes[c.against], Y: units[c.measure], LogX: c.logX, LogY: c.logY}
	for _, d := range runs {
		parts, err := s.backend.Curve(ctx, d.ID, c.measure, curvePoints)
		if err != nil {
			return figure.Figure{}, err
		}
		if len(parts) > 0 {
			in.Curves = append(in.Curves, c.of(d.Run, parts))
		}
	}
	return figure.NewCurves(in), nil
}

// of is the curve of one run; its parts have a range where they are of more than one step.
func (c curve) of(run sweep.Run, parts []store.CurvePart) figure.Curve {
	out := figure.Curve{Run: run.ID, Name: fmt.Sprintf("%s · %s · %s · seed %d", run.Model.Name, run.Data.Name, samples(run.SamplesSeen), run.Seed)}
	coarse := slices.ContainsFunc(parts, func(p store.CurvePart) bool { return p.Values > 1 })
	for _, p := range parts {
		x := float64(p.SamplesSeen)
		switch c.against {
		case "steps":
			x = float64(p.Step)
		case "compute":
			x *= run.GMACsPerSample
		}
		out.X, out.Y = append(out.X, x), append(out.Y, p.Mean)
		if coarse {
			out.Low, out.High = append(out.Low, p.Low), append(out.High, p.High)
		}
	}
	return out
}
