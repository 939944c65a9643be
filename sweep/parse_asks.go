package sweep

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Rules and laws that a fit may name, in this version.
var (
	FitRules = []string{"pareto", "binned-minima", "all"}
	FitLaws  = []string{"power"}
)

func (p *parser) evaluate(n *yaml.Node) {
	p.spec.Evaluate = []string{}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return // asked for none
	}
	p.list(n, "evaluate", func(i int, v *yaml.Node) {
		name := fmt.Sprintf("evaluate[%d]", i)
		task := p.oneOf(v, name, p.knownTasks())
		if slices.Contains(p.spec.Evaluate, task) {
			p.fail(v, name, "%s stands twice", task)
		}
		p.spec.Evaluate = append(p.spec.Evaluate, task)
	})
}

func (p *parser) knownTasks() []string {
	if p.trainer.Name != "" {
		return p.trainer.Tasks
	}
	var all []string
	for _, t := range Trainers() {
		all = append(all, t.Tasks...)
	}
	return all
}

func (p *parser) fits(n *yaml.Node) {
	p.spec.Fits = []FitAsk{}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return
	}
	p.list(n, "fits", func(i int, v *yaml.Node) {
		p.spec.Fits = append(p.spec.Fits, p.fit(v, fmt.Sprintf("fits[%d]", i)))
	})
}

func (p *parser) fit(n *yaml.Node, name string) FitAsk {
	ask := FitAsk{Rule: "pareto", Law: "power", Select: "best"}
	p.mapping(n, name, []string{"metric", "rule", "law", "group_by", "select"}, func(key string, _, v *yaml.Node) {
		full := join(name, key)
		switch key {
		case "metric":
			ask.Metric = p.oneOf(v, full, p.knownMetrics())
		case "rule":
			ask.Rule = p.oneOf(v, full, FitRules)
		case "law":
			ask.Law = p.oneOf(v, full, FitLaws)
		case "group_by":
			ask.GroupBy = p.oneOf(v, full, []string{"data", "model"})
		case "select":
			ask.Select = p.oneOf(v, full, []string{"best", "all"})
		}
	})
	if ask.Metric == "" && n.Kind == yaml.MappingNode && p.at[join(name, "metric")] == nil {
		p.fail(n, join(name, "metric"), "is missing")
	}
	return ask
}

// knownMetrics are those of the tasks that the sweep evaluates.
func (p *parser) knownMetrics() []string {
	tasks := p.spec.Evaluate
	if tasks == nil {
		tasks = p.knownTasks()
	}
	var all []string
	for _, t := range tasks {
		all = append(all, Metrics(t)...)
	}
	return all
}

// modelFile reads an open_clip model configuration and keeps it in the Spec.
func (p *parser) modelFile(n *yaml.Node, name, path string) bool {
	if p.options.ReadFile == nil {
		p.fail(n, name, "%q: models from files cannot be read here", path)
		return false
	}
	text, err := p.options.ReadFile(path)
	if err != nil {
		p.fail(n, name, "read the model file: %v", err)
		return false
	}
	config := &OpenCLIP{}
	if err := json.Unmarshal(text, config); err != nil {
		p.fail(n, name, "%s is not an open_clip model configuration: %v", path, err)
		return false
	}
	if err := config.validate(); err != nil {
		p.fail(n, name, "%s: %v", path, err)
		return false
	}
	if p.spec.Models == nil {
		p.spec.Models = map[string]Model{}
	}
	p.spec.Models[path] = Model{Name: path, OpenCLIP: config}
	return true
}

// validate wants every size that compute depends on.
func (o *OpenCLIP) validate() error {
	sizes := []struct {
		name string
		n    int
	}{
		{"embed_dim", o.EmbedDim}, {"vision_cfg.image_size", o.Vision.ImageSize}, {"vision_cfg.patch_size", o.Vision.PatchSize},
		{"vision_cfg.layers", o.Vision.Layers}, {"vision_cfg.width", o.Vision.Width},
		{"text_cfg.context_length", o.Text.ContextLength}, {"text_cfg.vocab_size", o.Text.VocabSize},
		{"text_cfg.width", o.Text.Width}, {"text_cfg.heads", o.Text.Heads}, {"text_cfg.layers", o.Text.Layers},
	}
	for _, s := range sizes {
		if s.n < 1 || s.n > 1<<24 {
			return fmt.Errorf("%s is %d; a vision transformer with a text transformer needs it to be positive", s.name, s.n)
		}
	}
	return nil
}

// defaults fills what the file leaves open.
func (p *parser) defaults() {
	s := p.spec
	if s.Checkpoints == 0 {
		s.Checkpoints = 1
	}
	if s.Limits.Concurrency == 0 {
		s.Limits.Concurrency = 2
	}
	if s.Limits.Attempts == 0 {
		s.Limits.Attempts = 3
	}
	if s.Evaluate == nil {
		s.Evaluate = p.defaultTasks()
	}
	if s.Fits == nil && slices.Contains(p.knownMetrics(), p.trainer.Default.Metric) {
		s.Fits = []FitAsk{p.trainer.Default}
	}
}

func (p *parser) defaultTasks() []string {
	if p.trainer.Name == TrainerClip {
		return []string{"icons-test", "icons-shift", "icons-retrieval"}
	}
	return slices.Clone(p.trainer.Tasks)
}
