package clip

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/icons32"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// classification is what zero-shot classification gave on one split, as fractions.
type classification struct {
	top1, top5, perClass float64
	samples              int
}

// classify ranks the classes of each icon by the cosine of its embedding with theirs.
func (e *evaluator) classify(split string) (*classification, error) {
	if c, ok := e.known[split]; ok {
		return c, nil
	}
	items, labels, err := e.set.Labelled(split)
	if err != nil {
		return nil, err
	}
	vectors, err := e.classVectors()
	if err != nil {
		return nil, err
	}
	images, err := e.images(items)
	if err != nil {
		return nil, err
	}
	c, err := classified(e.device, e.shape.dims, images, vectors, labels)
	if err != nil {
		return nil, err
	}
	e.known[split] = c
	return c, nil
}

// classified compares images [n, dims] with classes [m, dims], all unit vectors; labels [n].
func classified(d op.Device, dims int, images, classes []float32, labels []int) (*classification, error) {
	ranks, err := ranksOf(d, dims, images, classes, labels)
	if err != nil {
		return nil, err
	}
	n, c := float64(len(labels)), &classification{samples: len(labels)}
	wrong, seen := map[int]float64{}, map[int]float64{}
	for i, label := range labels {
		seen[label]++
		if ranks[i] >= 1 {
			c.top1++
			wrong[label]++
		}
		if ranks[i] >= 5 {
			c.top5++
		}
	}
	for _, label := range slices.Sorted(maps.Keys(seen)) { // in order: sums have the same bits
		c.perClass += wrong[label] / seen[label]
	}
	c.perClass /= float64(len(seen))
	c.top1 /= n
	c.top5 /= n
	return c, nil
}

// ranksOf gives, for each of n queries [n, dims], how many of m vectors [m, dims] are nearer to
// it than vector at[i] is.
func ranksOf(d op.Device, dims int, queries, among []float32, at []int) ([]int, error) {
	if err := errors.Join(allFinite(queries), allFinite(among)); err != nil {
		return nil, err
	}
	n, m := len(at), len(among)/dims
	x, w, y := d.Floats(min(n, evalRows)*dims), d.Floats(len(among)), d.Floats(min(n, evalRows)*m)
	d.Write(w, among)
	ranks, rows := make([]int, n), make([]float32, min(n, evalRows)*m)
	for from := 0; from < n; from += evalRows {
		some := min(evalRows, n-from)
		d.Write(x, queries[from*dims:][:some*dims])
		d.Linear(y, x, w, op.Linear{Rows: some, In: dims, Out: m})
		if err := d.Read(rows[:some*m], y); err != nil {
			return nil, err
		}
		for i := range some {
			ranks[from+i] = rankOf(rows[i*m:][:m], at[from+i])
		}
	}
	return ranks, nil
}

// allFinite refuses embeddings that are no numbers: nothing is nearer to a NaN, so that a model
// with broken weights would rank everything first.
func allFinite(vectors []float32) error {
	for _, v := range vectors {
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%w: the model's embeddings hold %g: its weights are damaged, or they diverged", sweep.ErrBadInput, v)
		}
	}
	return nil
}

// rankOf is how many entries beat entry at; of equal ones, those before it do.
func rankOf(row []float32, at int) int {
	rank := 0
	for j, v := range row {
		if v > row[at] || v == row[at] && j < at {
			rank++
		}
	}
	return rank
}

// meanOf gives the scores of a task: the plain mean over its splits.
func meanOf(parts []*classification) []sweep.Score {
	var mean classification
	for _, p := range parts {
		n := float64(len(parts))
		mean.top1 += p.top1 / n
		mean.top5 += p.top5 / n
		mean.perClass += p.perClass / n
		mean.samples += p.samples
	}
	scores := []sweep.Score{score("top1_error", mean.top1, mean.samples), score("top5_error", mean.top5, mean.samples)}
	if len(parts) == 1 {
		scores = append(scores, score("mean_per_class_error", mean.perClass, mean.samples))
	}
	return scores
}

// retrieval gives recall at 1, 5 and 10 among the 1,000 pairs.
func (e *evaluator) retrieval() ([]sweep.Score, error) {
	items := e.set.Retrieval()
	captions := make([][]string, len(items))
	for i, item := range items {
		captions[i] = e.set.Item(item).Words
	}
	images, err := e.images(items)
	if err != nil {
		return nil, err
	}
	texts, err := e.texts(captions)
	if err != nil {
		return nil, err
	}
	scores, err := recalls(e.device, e.shape.dims, images, texts, len(items))
	return named(scores, retrievalTask, icons32.Revision), err
}

// recalls compares n images with n texts, unit vectors [n, dims] pair by pair: image_recall@k is
// the share of texts whose image is among the k nearest images (text to image), text_recall@k
// the reverse, as CLIP_benchmark names them.
func recalls(dev op.Device, dims int, images, texts []float32, n int) ([]sweep.Score, error) {
	own := make([]int, n)
	for i := range own {
		own[i] = i
	}
	var scores []sweep.Score
	for _, d := range []struct {
		name    string
		queries []float32
		among   []float32
	}{{"image_recall", texts, images}, {"text_recall", images, texts}} {
		ranks, err := ranksOf(dev, dims, d.queries, d.among, own)
		if err != nil {
			return nil, err
		}
		for _, k := range []int{1, 5, 10} {
			hits := 0
			for _, rank := range ranks {
				if rank < k {
					hits++
				}
			}
			scores = append(scores, score(fmt.Sprintf("%s@%d", d.name, k), float64(hits)/float64(n), n))
		}
	}
	return scores, nil
}

func score(metric string, value float64, samples int) sweep.Score {
	return sweep.Score{Metric: metric, Evaluator: Evaluator, Value: value, Samples: int64(samples)}
}

// named says which task, and which version of its data, scores are of.
func named(scores []sweep.Score, task, revision string) []sweep.Score {
	for i := range scores {
		scores[i].Task, scores[i].Revision = task, revision
	}
	return scores
}
