package clip

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// Evaluator names this code in every score; it changes when a score would.
const Evaluator = "scalelaw clip 1"

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
	for _, task := range job.Tasks {
		if !slices.Contains(t.Tasks(), task) {
			return nil, fmt.Errorf("evaluate run %s: %w: task %q is none of %s", job.Run.ID, sweep.ErrBadInput, task, strings.Join(t.Tasks(), ", "))
		}
	}
	e, err := newEvaluator(job)
	if err != nil {
		return nil, fmt.Errorf("evaluate run %s: %w", job.Run.ID, err)
	}
	var scores []sweep.Score
	for _, task := range job.Tasks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		some, err := e.task(task)
		if err != nil {
			return nil, fmt.Errorf("evaluate run %s on %s: %w", job.Run.ID, task, err)
		}
		scores = append(scores, some...)
	}
	return scores, nil
}

// evaluator embeds with the weights of one checkpoint.
type evaluator struct {
	set     *icons32.Set
	net     *network[float32]
	dims    int
	classes []float32                  // [classes, dims], unit vectors; made when first needed
	known   map[string]*classification // by split, so that icons-shift reuses its parts
}

func newEvaluator(job trainer.EvalJob) (*evaluator, error) {
	y, err := ladderOf(job.Run)
	if err != nil {
		return nil, err
	}
	set, err := icons32.Load()
	if err != nil {
		return nil, err
	}
	weights, err := readFile(job.Weights)
	if err != nil {
		return nil, err
	}
	params := make([]float32, y.size)
	if err := y.fill(params, weights, ""); err != nil {
		return nil, err
	}
	return &evaluator{set: set, net: newNetwork(y, params, evalRows), dims: y.ladder.EmbedDim, known: map[string]*classification{}}, nil
}

func (e *evaluator) task(name string) ([]sweep.Score, error) {
	if name == retrievalTask {
		return e.retrieval(), nil
	}
	var parts []*classification
	for _, split := range splitsOf[name] {
		c, err := e.classify(split)
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
	}
	return meanOf(name, parts), nil
}

// images embeds icons without a shift: [len(items), dims].
func (e *evaluator) images(items []int) []float32 {
	var all []float32
	image := make([]float32, icons32.Side*icons32.Side)
	patches := make([]float32, evalRows*positions*patchSize)
	for some := range slices.Chunk(items, evalRows) {
		for k, item := range some {
			e.set.Pixels(item, image)
			patchesOf(patches[k*positions*patchSize:], image, 0, 0)
		}
		all = append(all, e.net.embedImages(patches[:len(some)*positions*patchSize], len(some))...)
	}
	return all
}

// texts embeds captions: [len(captions), dims].
func (e *evaluator) texts(captions [][]string) []float32 {
	var all []float32
	for some := range slices.Chunk(captions, evalRows) {
		ids := make([][]int32, len(some))
		for k, words := range some {
			ids[k] = e.set.Tokens(words)
		}
		all = append(all, e.net.embedTexts(ids)...)
	}
	return all
}

// classVectors are the normalised means of the embeddings of each class's prompts, one prompt
// a template (Radford et al. 2021, section 3.1.4).
func (e *evaluator) classVectors() []float32 {
	if e.classes != nil {
		return e.classes
	}
	var prompts [][]string
	for _, name := range icons32.Classes() {
		for _, t := range icons32.Templates() {
			prompts = append(prompts, append(strings.Fields(name), t...))
		}
	}
	vectors, per := e.texts(prompts), len(icons32.Templates())
	classes := len(icons32.Classes())
	mean := make([]float32, classes*e.dims)
	for i := range prompts {
		addTo(mean[i/per*e.dims:][:e.dims], vectors[i*e.dims:][:e.dims])
	}
	e.classes = make([]float32, len(mean))
	normalize(e.classes, make([]float32, classes), mean, classes, e.dims)
	return e.classes
}
