package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/scalelaw/scalelaw/examples"
	"github.com/scalelaw/scalelaw/sweep"
)

// maxDraftCells bounds a grid that is planned while somebody types.
const maxDraftCells = 20_000

// draft is a sweep file while it is written, and what it comes to.
type draft struct {
	File     string            `json:"file"`
	Problems []sweep.Problem   `json:"problems,omitempty"` // with their lines; then there is no plan
	Plan     *sweep.PlanResult `json:"plan,omitempty"`
	Name     string            `json:"name,omitempty"`
	Standing Standing          `json:"standing"`
	Trainer  string            `json:"-"`
	Limits   sweep.Limits      `json:"-"`
	Matrix   []draftScale      `json:"-"`
	Axes     []draftAxis       `json:"-"`
	Edited   bool              `json:"-"` // by the matrix: the text is another than what was sent
	Memory   int64             `json:"-"` // of the largest run
}

// Standing is what there is of a sweep's name already.
type Standing struct {
	State  sweep.State `json:"state,omitempty"`  // empty: nothing
	Same   bool        `json:"same"`             // with the same spec
	Cannot string      `json:"cannot,omitempty"` // why it cannot be started
}

// draftAxis is one of the lists that the matrix has.
type draftAxis struct{ Field, Title, Values string }

// newSweep answers /new: an editor that begins with an example or the spec of a study.
func newSweep(ctx context.Context, s *Server, q *http.Request) (view, error) {
	text, err := s.beginning(ctx, q)
	if err != nil {
		return view{}, err
	}
	d, err := s.plan(ctx, text)
	if err != nil {
		return view{}, err
	}
	recent, err := s.backend.RecentSweeps(ctx, 5)
	return view{template: "new", title: "New sweep", tab: "new", data: newPage{draft: d, Examples: examples.Names(), Studies: recent}}, err
}

// newPage is the editor.
type newPage struct {
	draft
	Examples []string `json:"examples"`
	Studies  []string `json:"studies"` // recent ones, whose specs one can begin with
}

// beginning is the file that the editor begins with: ?example= or ?study=.
func (s *Server) beginning(ctx context.Context, q *http.Request) (string, error) {
	asked := q.URL.Query()
	if name := asked.Get("study"); name != "" {
		record, err := s.backend.SweepSummary(ctx, name)
		if err != nil {
			return "", err
		}
		spec, err := specOf(record.SweepRecord)
		if err != nil {
			return "", err
		}
		text, err := spec.File()
		return string(text), err
	}
	name := asked.Get("example")
	if name == "" {
		name = examples.Names()[0]
	}
	text, err := examples.File(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", sweep.ErrNotFound, err)
	}
	return string(text), nil
}

// planDraft answers /new/plan: the plan of what is being written, by whichever of the two views
// of it was changed last.
func planDraft(ctx context.Context, s *Server, q *http.Request) (view, error) {
	if err := q.ParseForm(); err != nil {
		return view{}, fmt.Errorf("%w: the form: %w", sweep.ErrBadInput, err)
	}
	text, edited := fileOf(q), false
	if q.PostForm.Get("by") == "matrix" {
		changed, err := s.matrixEdit(q.PostForm, text).Apply([]byte(text))
		if err == nil {
			text, edited = string(changed), true
		}
	}
	d, err := s.plan(ctx, text)
	d.Edited = edited
	return view{template: "new", part: "draft", title: "New sweep", tab: "new", data: newPage{draft: d}}, err
}

// fileOf is the sweep file of a form. Browsers send lines as CR LF.
func fileOf(q *http.Request) string { return strings.ReplaceAll(q.PostForm.Get("file"), "\r\n", "\n") }

// plan says what a sweep file comes to. What is wrong with the file is no error.
func (s *Server) plan(ctx context.Context, text string) (draft, error) {
	d := draft{File: text}
	spec, err := parseDraft(text)
	var wrong *sweep.ParseError
	if errors.As(err, &wrong) {
		d.Problems = wrong.Problems
		return d, nil
	}
	if err != nil {
		return d, err
	}
	d.Name, d.Trainer, d.Limits = spec.Name, spec.Trainer, spec.Limits
	if d.Plan, err = s.backend.Plan(ctx, spec); err != nil {
		return d, err
	}
	if d.Standing, err = s.backend.Standing(ctx, spec); err != nil {
		return d, err
	}
	d.Axes, d.Matrix = axesOf(spec), matrixOf(spec, d.Plan)
	for _, r := range d.Plan.Runs {
		d.Memory = max(d.Memory, r.Estimate.Memory)
	}
	return d, nil
}

// Nothing reports that every run is there already.
func (d draft) Nothing() bool { return d.Plan.Totals.Reused == d.Plan.Totals.Runs }

func parseDraft(text string) (*sweep.Spec, error) {
	return sweep.Parse([]byte(text), sweep.ParseOptions{MaxCells: maxDraftCells})
}

// submit answers POST /new: it starts the sweep, or with extend adds its cells to the one of
// that name.
func submit(ctx context.Context, s *Server, q *http.Request) (view, error) {
	if err := q.ParseForm(); err != nil {
		return view{}, fmt.Errorf("%w: the form: %w", sweep.ErrBadInput, err)
	}
	action := "submit"
	if q.PostForm.Get("extend") != "" {
		action = "extend"
	}
	note(ctx, action, "", "")
	spec, err := parseDraft(fileOf(q))
	if err != nil {
		return view{}, err
	}
	note(ctx, action, spec.Name, "")
	if err := s.backend.Submit(ctx, spec, action == "extend"); err != nil {
		return view{}, err
	}
	return view{redirect: sweepAddress(spec.Name), data: submitted{spec.Name, sweepAddress(spec.Name)}}, nil
}

// submitted tells a program where its sweep is.
type submitted struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}
