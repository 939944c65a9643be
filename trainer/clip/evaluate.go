package clip

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/icons32"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Evaluator names this code in every score; it changes when a score would.
const Evaluator = "scalelaw clip 2"

// evalRows is how many samples are embedded at once.
const evalRows = 256

// splitsOf are the held-out splits behind each classification task; a task over several is
// their plain mean, as the seed study's robustness is over its five.
var splitsOf = map[string][]string{
	"icons-test": {"test"}, "icons-test-all": {"test-all"}, "icons-emoji": {"emoji"},
	"icons-pixel": {"pixel"}, "icons-colour": {"colour"}, "icons-shift": {"emoji", "pixel", "colour"},
}

const retrievalTask = "icons-retrieval"

// Tasks implements trainer.Trainer.
func (Trainer) Tasks() []string {
	names := []string{retrievalTask}
	for name := range splitsOf {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Evaluate implements trainer.Trainer: zero-shot classification through class prompts, and
// retrieval among 1,000 unseen pairs in both directions.
func (t Trainer) Evaluate(ctx context.Context, job trainer.EvalJob) ([]sweep.Score, error) {
	if err := t.knowTasks(job.Tasks); err != nil {
		return nil, fmt.Errorf("evaluate run %s: %w", job.Run.ID, err)
	}
	weights, err := readFile(job.Weights)
	if err != nil {
		return nil, fmt.Errorf("evaluate run %s: %w", job.Run.ID, err)
	}
	place := t.Place
	if job.Device != "" {
		if place, err = ParsePlace(job.Device); err != nil {
			return nil, err
		}
	}
	return t.score(ctx, job.Run, weights.Tensors, job.Tasks, place, job.Threads)
}

func (t Trainer) knowTasks(tasks []string) error {
	for _, task := range tasks {
		if !slices.Contains(t.Tasks(), task) {
			return fmt.Errorf("%w: task %q is none of %s", sweep.ErrBadInput, task, strings.Join(t.Tasks(), ", "))
		}
	}
	return nil
}

// Score is Evaluate of weights that were read already, at the engine's place. Of the run only its
// model and id count.
func (t Trainer) Score(ctx context.Context, run sweep.Run, weights []safetensors.Tensor, tasks []string, threads int) ([]sweep.Score, error) {
	return t.score(ctx, run, weights, tasks, t.Place, threads)
}

// score embeds in fp32 whatever the run was trained in, so that scores compare.
func (t Trainer) score(ctx context.Context, run sweep.Run, weights []safetensors.Tensor, tasks []string, place Place, threads int) ([]sweep.Score, error) {
	if err := t.knowTasks(tasks); err != nil {
		return nil, err
	}
	e, err := t.newEvaluator(run.Model, weights, place, threads)
	if err != nil {
		return nil, fmt.Errorf("evaluate run %s: %w", run.ID, err)
	}
	defer e.device.Close()
	var scores []sweep.Score
	for _, task := range tasks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		some, err := e.task(task)
		if err != nil {
			return nil, fmt.Errorf("evaluate run %s on %s: %w", run.ID, task, err)
		}
		scores = append(scores, some...)
	}
	return scores, nil
}

// evaluator embeds with the weights of one checkpoint.
type evaluator struct {
	set     *icons32.Set
	device  op.Device
	model   Model
	shape   shape
	intake  intake
	classes []float32                  // [classes, dims], unit vectors; made when first needed
	known   map[string]*classification // by split, so that icons-shift reuses its parts
}

func (t Trainer) newEvaluator(m sweep.Model, weights []safetensors.Tensor, place Place, threads int) (*evaluator, error) {
	set, err := icons32.Load()
	if err != nil {
		return nil, err
	}
	device, err := t.one(need{place: place, threads: threads})
	if err != nil {
		return nil, err
	}
	e := &evaluator{set: set, device: device, known: map[string]*classification{}}
	if err := e.load(m, weights); err != nil {
		return nil, errors.Join(err, device.Close())
	}
	return e, nil
}

func (e *evaluator) load(m sweep.Model, weights []safetensors.Tensor) (err error) {
	if e.model, err = newModel(m, e.device, dual.Use{Batch: evalRows}); err != nil {
		return err
	}
	e.shape = shapeOf(m)
	if e.intake, err = newIntake(m, e.set); err != nil {
		return err
	}
	return e.model.SetWeights(weights)
}

func (e *evaluator) task(name string) ([]sweep.Score, error) {
	if name == retrievalTask {
		return e.retrieval()
	}
	var parts []*classification
	for _, split := range splitsOf[name] {
		c, err := e.classify(split)
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
	}
	return named(meanOf(parts), name, icons32.Revision), nil
}

// images embeds icons without a shift: [len(items), dims].
func (e *evaluator) images(items []int) ([]float32, error) {
	dims, size := e.shape.dims, e.shape.image
	all := make([]float32, len(items)*dims)
	images := make([]float32, evalRows*size)
	for at := 0; at < len(items); at += evalRows {
		n := min(evalRows, len(items)-at)
		for k, item := range items[at:][:n] {
			e.intake.image(images[k*size:][:size], item, 0, 0)
		}
		if err := e.model.EmbedImages(all[at*dims:], images, n); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// texts embeds captions: [len(captions), dims].
func (e *evaluator) texts(captions [][]string) ([]float32, error) {
	dims, context := e.shape.dims, e.shape.ids
	all := make([]float32, len(captions)*dims)
	ids := make([]int32, evalRows*context)
	for at := 0; at < len(captions); at += evalRows {
		n := min(evalRows, len(captions)-at)
		for k, words := range captions[at:][:n] {
			e.intake.text(ids[k*context:][:context], words)
		}
		if err := e.model.EmbedTexts(all[at*dims:], ids, n); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// classVectors are the normalised means of the embeddings of each class's prompts, one prompt
// a template (Radford et al. 2021, section 3.1.4).
func (e *evaluator) classVectors() ([]float32, error) {
	if e.classes != nil {
		return e.classes, nil
	}
	var prompts [][]string
	for _, name := range icons32.Classes() {
		for _, t := range icons32.Templates() {
			prompts = append(prompts, append(strings.Fields(name), t...))
		}
	}
	vectors, err := e.texts(prompts)
	if err != nil {
		return nil, err
	}
	e.classes = meanVectors(vectors, e.shape.dims, len(icons32.Templates()))
	return e.classes, nil
}

// meanVectors gives the normalised means of each per vectors that follow each other: vectors
// [n*per, dims], means [n, dims].
func meanVectors(vectors []float32, dims, per int) []float32 {
	means := make([]float32, len(vectors)/per)
	for i, v := range vectors {
		means[i/dims/per*dims+i%dims] += v
	}
	for mean := range slices.Chunk(means, dims) {
		unit(mean)
	}
	return means
}

// unit gives x the length 1.
func unit(x []float32) {
	var squares float64
	for _, v := range x {
		squares += float64(v) * float64(v)
	}
	scale := float32(1 / math.Sqrt(squares+1e-24))
	for i := range x {
		x[i] *= scale
	}
}
