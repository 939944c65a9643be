package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// runPage is one run: where it stands, its recipe, and all that was made of it.
type runPage struct {
	store.RunDetail
	Recipe    []field `json:"-"`
	Measure   string  `json:"-"` // that the curve shows
	Against   string  `json:"-"`
	Log       bool    `json:"-"`
	Query     string  `json:"-"` // of the curve
	Excluded  bool    `json:"excluded"`
	CanLook   bool    `json:"-"` // its weights can be looked through
	InHistory string  `json:"temporal,omitempty"`
}

// field is a name and a value of a recipe, nested names joined by dots.
type field struct{ Name, Value string }

func oneRun(ctx context.Context, s *Server, r *http.Request) (view, error) {
	d, err := s.backend.RunDetail(ctx, r.PathValue("run"))
	if err != nil {
		return view{}, err
	}
	page := runPage{RunDetail: d, InHistory: s.inTemporal(runAddress(d.ID))}
	if page.Recipe, err = fields(d.Run); err != nil {
		return view{}, err
	}
	c, err := curveOf(r.URL.Query())
	if err != nil {
		return view{}, err
	}
	page.Measure, page.Against, page.Log, page.Query = c.measure, c.against, c.logY, c.query().Encode()
	for _, x := range d.Exclusions {
		page.Excluded = page.Excluded || x.WithdrawnAt == nil
	}
	for _, c := range d.Checkpoints {
		page.CanLook = page.CanLook || c.Kept && d.Trainer == sweep.TrainerClip
	}
	return view{template: "run", title: "Run " + short(d.ID), tab: "runs", data: page}, nil
}

// fields are all that decides a run's weights and what it costs, in the order of its JSON.
func fields(run sweep.Run) ([]field, error) {
	text, err := json.Marshal(run)
	if err != nil {
		return nil, fmt.Errorf("recipe of run %s: %w", run.ID, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var all []field
	err = flatten(d, "", &all)
	return all, err
}

// flatten adds the next value of d under a name.
func flatten(d *json.Decoder, name string, all *[]field) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := token.(json.Delim)
	if !nested {
		*all = append(*all, field{name, fmt.Sprint(token)})
		return nil
	}
	for i := 0; d.More(); i++ {
		key := fmt.Sprint(i)
		if open == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			key = fmt.Sprint(token)
		}
		if err := flatten(d, strings.TrimPrefix(name+"."+key, "."), all); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
