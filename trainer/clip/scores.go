package clip

import (
	"fmt"

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
	classes := len(icons32.Classes())
	vectors, err := e.classVectors()
	if err != nil {
		return nil, err
	}
	images, err := e.images(items)
	if err != nil {
		return nil, err
	}
	similarity, err := e.cosines(images, vectors, len(items), classes)
	if err != nil {
		return nil, err
	}
	c := &classification{samples: len(items)}
	wrong, seen := make([]float64, classes), make([]float64, classes)
	for i, label := range labels {
		rank := rankOf(similarity[i*classes:][:classes], label)
		seen[label]++
		if rank >= 1 {
			c.top1++
			wrong[label]++
		}
		if rank >= 5 {
			c.top5++
		}
	}
	present := 0.0
	for k := range classes {
		if seen[k] > 0 {
			present++
			c.perClass += wrong[k] / seen[k]
		}
	}
	c.perClass /= present
	c.top1 /= float64(len(items))
	c.top5 /= float64(len(items))
	e.known[split] = c
	return c, nil
}

// cosines are a [n, dims] * b [m, dims]^T = [n, m].
func (e *evaluator) cosines(a, b []float32, n, m int) ([]float32, error) {
	d, s := e.device, make([]float32, n*m)
	x, w, y := d.Floats(len(a)), d.Floats(len(b)), d.Floats(len(s))
	d.Write(x, a)
	d.Write(w, b)
	d.Linear(y, x, w, op.Linear{Rows: n, In: e.shape.dims, Out: m})
	return s, d.Read(s, y)
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
func meanOf(task string, parts []*classification) []sweep.Score {
	var mean classification
	for _, p := range parts {
		n := float64(len(parts))
		mean.top1 += p.top1 / n
		mean.top5 += p.top5 / n
		mean.perClass += p.perClass / n
		mean.samples += p.samples
	}
	scores := []sweep.Score{score(task, "top1_error", mean.top1, mean.samples), score(task, "top5_error", mean.top5, mean.samples)}
	if len(parts) == 1 {
		scores = append(scores, score(task, "mean_per_class_error", mean.perClass, mean.samples))
	}
	return scores
}

// retrieval gives recall at 1, 5 and 10 among the 1,000 pairs: image_recall@k is the share of
// texts whose image is among the k nearest images (text to image), text_recall@k the reverse,
// as CLIP_benchmark names them.
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
	n := len(items)
	var scores []sweep.Score
	for _, d := range []struct {
		name    string
		queries []float32
		among   []float32
	}{{"image_recall", texts, images}, {"text_recall", images, texts}} {
		similarity, err := e.cosines(d.queries, d.among, n, n)
		if err != nil {
			return nil, err
		}
		for _, k := range []int{1, 5, 10} {
			hits := 0
			for i := range n {
				if rankOf(similarity[i*n:][:n], i) < k {
					hits++
				}
			}
			scores = append(scores, score(retrievalTask, fmt.Sprintf("%s@%d", d.name, k), float64(hits)/float64(n), n))
		}
	}
	return scores, nil
}

func score(task, metric string, value float64, samples int) sweep.Score {
	return sweep.Score{Task: task, Metric: metric, Revision: icons32.Revision, Evaluator: Evaluator, Value: value, Samples: int64(samples)}
}
