package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Rules, laws, groupings and selections that a fit may name.
var (
	FitRules  = []string{"pareto", "binned-minima", "pareto-bin", "all", "envelope", "parabola"}
	FitLaws   = []string{"power", "power-floor", "shifted", "chinchilla", "isoflop", "data-limited"}
	FitGroups = []string{"data", "model"}
	FitSelect = []string{"best", "all"}
)

// RulesOf are the rules that suit a law, its default first.
func RulesOf(law string) []string {
	switch law {
	case "isoflop":
		return []string{"parabola"}
	case "chinchilla", "data-limited":
		return []string{"all"}
	}
	rules := []string{"pareto", "binned-minima", "pareto-bin", "all"}
	if law == "power" {
		return append([]string{"envelope"}, rules...) // its interval is the one that covers: docs/coverage.md
	}
	return rules
}

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
	ask := FitAsk{Law: "power", Select: "best"}
	p.mapping(n, name, []string{"metric", "rule", "law", "group_by", "select"}, func(key string, _, v *yaml.Node) {
		full := join(name, key)
		switch key {
		case "metric":
			ask.Metric = p.metric(v, full)
		case "rule":
			ask.Rule = p.oneOf(v, full, FitRules)
		case "law":
			ask.Law = p.oneOf(v, full, FitLaws)
		case "group_by":
			ask.GroupBy = p.oneOf(v, full, FitGroups)
		case "select":
			ask.Select = p.oneOf(v, full, FitSelect)
		}
	})
	if ask.Metric == "" && n.Kind == yaml.MappingNode && p.at[join(name, "metric")] == nil {
		p.fail(n, join(name, "metric"), "is missing")
	}
	ask.Rule = p.ruleOf(ask, join(name, "rule"))
	return ask
}

// ruleOf is the rule that the file names, if it suits the law, or the law's default.
func (p *parser) ruleOf(ask FitAsk, name string) string {
	suit := RulesOf(ask.Law)
	if at := p.at[name]; at != nil && slices.Contains(FitRules, ask.Rule) && !slices.Contains(suit, ask.Rule) {
		p.fail(at, name, "does not suit the law %s, which takes %s", ask.Law, strings.Join(suit, ", "))
	}
	return cmp.Or(ask.Rule, suit[0])
}

// metric reads TASK/METRIC; the task must be one that the sweep evaluates.
func (p *parser) metric(n *yaml.Node, name string) string {
	metric := p.oneOf(n, name, metricsOf(p.knownTasks()))
	task, _, _ := strings.Cut(metric, "/")
	if slices.Contains(p.knownTasks(), task) && !slices.Contains(p.evaluated(), task) {
		p.fail(n, name, "the sweep does not evaluate %s: add it to evaluate", task)
	}
	return metric
}

func metricsOf(tasks []string) []string {
	var all []string
	for _, t := range tasks {
		all = append(all, Metrics(t)...)
	}
	return all
}

// evaluated are the tasks of the file, or the trainer's own.
func (p *parser) evaluated() []string {
	if p.spec.Evaluate != nil {
		return p.spec.Evaluate
	}
	return p.defaultTasks()
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
	s.Evaluate = p.evaluated()
	if s.Fits == nil && slices.Contains(metricsOf(s.Evaluate), p.trainer.Default.Metric) {
		s.Fits = []FitAsk{p.trainer.Default}
	}
}

func (p *parser) defaultTasks() []string {
	if p.trainer.Name == TrainerClip {
		return []string{"icons-test", "icons-shift", "icons-retrieval"}
	}
	return slices.Clone(p.knownTasks())
}
