package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"

	"github.com/scalelaw/scalelaw/sweep"
)

// What a sweep can be asked to do: the last part of an address.
const (
	Pause          = "pause"
	Resume         = "resume"
	Cancel         = "cancel"
	Retry          = "retry"
	SetConcurrency = "concurrency"
	SetBudget      = "budget"
)

// Action is what somebody asks of a sweep.
type Action struct {
	Do          string  `json:"-"`
	Diverged    bool    `json:"diverged,omitempty"`    // retry: diverged runs, too
	Concurrency int     `json:"concurrency,omitempty"` // runs at once
	GPUHours    float64 `json:"gpu_hours"`             // of devices; 0: no limit
}

// Detail is what came with it, for the audit.
func (a Action) Detail() string {
	switch {
	case a.Do == SetConcurrency:
		return fmt.Sprintf("concurrency=%d", a.Concurrency)
	case a.Do == SetBudget:
		return fmt.Sprintf("gpu_hours=%g", a.GPUHours)
	case a.Do == Retry && a.Diverged:
		return "diverged, too"
	}
	return ""
}

// act does what a form of the grid page asks for and goes back to it.
func act(ctx context.Context, s *Server, q *http.Request) (view, error) {
	name := q.PathValue("sweep")
	a, err := readAction(q)
	note(ctx, a.Do, name, a.Detail())
	if err != nil {
		return view{}, err
	}
	if err := s.backend.Act(ctx, name, a); err != nil {
		return view{}, err
	}
	summary, err := s.backend.SweepSummary(ctx, name)
	return view{redirect: sweepAddress(name), data: summary}, err
}

// readAction reads a form, or JSON.
func readAction(q *http.Request) (a Action, err error) {
	if isJSON(q) {
		err = readJSON(q, &a)
	} else {
		err = readForm(q, &a)
	}
	a.Do = q.PathValue("action")
	if err != nil {
		return a, err
	}
	switch a.Do {
	case Pause, Resume, Cancel, Retry:
		return a, nil
	case SetConcurrency:
		if a.Concurrency < 1 || a.Concurrency > sweep.MaxConcurrency {
			return a, fmt.Errorf("%w: concurrency is a whole number from 1 to %d", sweep.ErrBadInput, sweep.MaxConcurrency)
		}
		return a, nil
	case SetBudget:
		if !(a.GPUHours >= 0 && a.GPUHours < 1e9) {
			return a, fmt.Errorf("%w: gpu_hours is a number of device hours; 0 lifts the limit", sweep.ErrBadInput)
		}
		return a, nil
	}
	return a, fmt.Errorf("%q of a study: %w", a.Do, sweep.ErrNotFound)
}

// readJSON reads a body of JSON; none is one without fields.
func readJSON(q *http.Request, into any) error {
	if err := json.NewDecoder(q.Body).Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: the request's JSON: %w", sweep.ErrBadInput, err)
	}
	return nil
}

func readForm(q *http.Request, a *Action) (err error) {
	if err := q.ParseForm(); err != nil {
		return fmt.Errorf("%w: the form: %w", sweep.ErrBadInput, err)
	}
	a.Diverged = q.PostForm.Get("diverged") != ""
	if n := q.PostForm.Get("concurrency"); n != "" {
		if a.Concurrency, err = strconv.Atoi(n); err != nil {
			return fmt.Errorf("%w: concurrency is %q; it is a whole number", sweep.ErrBadInput, n)
		}
	}
	if hours := q.PostForm.Get("gpu_hours"); hours != "" {
		if a.GPUHours, err = strconv.ParseFloat(hours, 64); err != nil {
			return fmt.Errorf("%w: gpu_hours is %q; it is a number", sweep.ErrBadInput, hours)
		}
	} else if q.PathValue("action") == SetBudget {
		a.GPUHours = math.NaN() // none was given; 0 would lift the limit
	}
	return nil
}

// isJSON reports a body of JSON.
func isJSON(q *http.Request) bool {
	kind, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
