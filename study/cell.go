package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/sweep"
)

// Cell is a cell that a law expects to reach an error.
type Cell struct {
	Model           string     `json:"model"`
	Data            string     `json:"data"`
	DataReason      string     `json:"data_reason,omitempty"` // why this one, where the law is of several
	Samples         int64      `json:"samples_seen"`
	SamplesInterval [2]*int64  `json:"samples_interval"`
	GMACsPerSample  float64    `json:"gmacs_per_sample"`
	Warnings        []fit.Note `json:"warnings,omitempty"` // of a cell by itself (Spend)
	notes           []fit.Note
}

// family is what a sweep trains: its trainer's models, and the runs that are best at their
// compute, which say how the model's size goes with it.
type family struct {
	models []sweep.Model
	best   []sweep.Run // by rising compute
	law    fit.Record
}

func familyOf(ctx context.Context, s Reader, law fit.Record) (family, error) {
	f := family{law: law}
	for _, in := range law.Best() {
		runs, err := s.Runs(ctx, in.Runs[:1]) // seeds of a cell have the same model, data and compute
		if err != nil {
			return f, err
		}
		f.best = append(f.best, runs...)
	}
	info, _ := sweep.LookupTrainer(f.best[0].Trainer)
	f.models = info.Models()
	for _, r := range f.best { // models from files
		if !slices.ContainsFunc(f.models, func(m sweep.Model) bool { return m.Name == r.Model.Name }) {
			f.models = append(f.models, r.Model)
		}
	}
	if law.GroupBy == "model" {
		f.models = []sweep.Model{f.best[0].Model}
	}
	return f, nil
}

// cell is the catalogue's model whose size is nearest to the best one for the compute, for as
// many samples as the compute pays. best is the
// multiply-adds a sample that the law itself finds best; 0: the law does not say.
func (f family) cell(t fit.Target, best float64) *Cell {
	if best == 0 {
		best = f.size(t.C)
	}
	distance := func(m sweep.Model) float64 { return math.Abs(math.Log(m.GMACs().Total() / best)) }
	model := slices.MinFunc(f.models, func(a, b sweep.Model) int { return cmp.Compare(distance(a), distance(b)) })
	g := model.GMACs().Total()
	c := &Cell{Model: model.Name, Samples: int64(math.Ceil(t.C / g)), GMACsPerSample: g}
	data, why := f.data(t.C, c.Samples)
	c.Data, c.DataReason = data.Name, why
	for i, end := range t.LawInterval {
		if end != nil {
			n := int64(math.Ceil(*end / g))
			c.SamplesInterval[i] = &n
		}
	}
	if off := math.Exp(distance(model)); off > 2 {
		c.notes = append(c.notes, fit.Note{Code: "no_such_size", Text: fmt.Sprintf("the best model there has about %.3g GMACs a sample, and the nearest of the catalogue, %s, %.3g", best, model.Name, g)})
	}
	if epochs := float64(c.Samples) / float64(data.Pairs); epochs > f.epochs(data) {
		c.notes = append(c.notes, fit.Note{Code: "repeated_data", Text: fmt.Sprintf("these samples are %.3g epochs of %s, beyond the %.3g that the law knows of it: repeated data gives less", epochs, data.Name, f.epochs(data))})
	}
	return c
}

// data is what the best run nearest in compute was trained on, or the largest that any was when
// that one would be repeated more often than the best runs on it did; and why, where there was a
// choice.
func (f family) data(compute float64, seen int64) (data sweep.Dataset, why string) {
	away := func(r sweep.Run) float64 { return math.Abs(math.Log(r.GMACsTotal / compute)) }
	near := slices.MinFunc(f.best, func(a, b sweep.Run) int {
		return cmp.Or(cmp.Compare(away(a), away(b)), cmp.Compare(b.Data.Pairs, a.Data.Pairs))
	}).Data
	largest := slices.MaxFunc(f.best, func(a, b sweep.Run) int { return cmp.Compare(a.Data.Pairs, b.Data.Pairs) }).Data
	repeats := float64(seen) / float64(near.Pairs)
	switch {
	case !slices.ContainsFunc(f.best, func(r sweep.Run) bool { return r.Data.Name != near.Name }):
		return near, ""
	case repeats <= f.epochs(near):
		return near, "the best run nearest in compute was trained on it"
	case largest.Name == near.Name:
		return near, "the best run nearest in compute was trained on it, and none on more data"
	}
	return largest, fmt.Sprintf("it is the largest; of %s, which the best run nearest in compute was trained on, these samples are %.3g epochs, beyond the %.3g that the law knows of it", near.Name, repeats, f.epochs(near))
}

// size is the multiply-adds a sample of the best model at a compute: a line in logarithms
// through the best runs, level when they all have one size.
func (f family) size(compute float64) float64 {
	n := float64(len(f.best))
	var mx, my, sxx, sxy float64
	for _, r := range f.best {
		mx, my = mx+math.Log(r.GMACsTotal)/n, my+math.Log(r.GMACsPerSample)/n
	}
	for _, r := range f.best {
		dx := math.Log(r.GMACsTotal) - mx
		sxx, sxy = sxx+dx*dx, sxy+dx*(math.Log(r.GMACsPerSample)-my)
	}
	slope := 0.0
	if sxx > 0 {
		slope = min(max(sxy/sxx, 0), 1)
	}
	return math.Exp(my + slope*(math.Log(compute)-mx))
}

// epochs is how often the best runs on this data saw it, at most; seen once, nothing is repeated.
func (f family) epochs(data sweep.Dataset) float64 {
	most := 1.0
	for _, r := range f.best {
		if r.Data.Name == data.Name {
			most = max(most, float64(r.ActualSamplesSeen)/float64(r.Data.Pairs))
		}
	}
	return most
}
