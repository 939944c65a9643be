package sweep

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var topKeys = []string{"name", "trainer", "grid", "exclude", "include", "recipe", "rules", "surface", "checkpoints", "evaluate", "fits", "limits"}

var sweepName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// MaxConcurrency is how many runs of a sweep may be in flight at once; Temporal fails a
// workflow with 2,000 pending children, and this stays well below it.
const MaxConcurrency = 500

// sweepFile reads the top level. The trainer comes first: names depend on it.
func (p *parser) sweepFile(root *yaml.Node) {
	parts := map[string]*yaml.Node{}
	p.mapping(root, "", topKeys, func(key string, _, v *yaml.Node) { parts[key] = v })
	for _, key := range []string{"name", "trainer", "grid"} {
		cellsElsewhere := key == "grid" && parts["include"] != nil
		if parts[key] == nil && root.Kind == yaml.MappingNode && !cellsElsewhere {
			p.fail(root, key, "is missing")
		}
	}
	readers := map[string]func(*yaml.Node){
		"name": p.name, "trainer": p.trainerName, "grid": p.grid, "exclude": p.excludes, "include": p.includes,
		"recipe": p.recipe, "rules": p.rules, "surface": p.surface, "checkpoints": p.checkpoints,
		"evaluate": p.evaluate, "fits": p.fits, "limits": p.limits,
	}
	order := slices.Concat([]string{"trainer", "evaluate"}, topKeys)
	for _, key := range order {
		if n := parts[key]; n != nil {
			readers[key](n)
			delete(parts, key)
		}
	}
	p.surfaceOnlyForSurface()
}

func (p *parser) name(n *yaml.Node) {
	text, ok := p.scalar(n, "name")
	if ok && !sweepName.MatchString(text) {
		p.fail(n, "name", "%q: use up to 100 lower-case letters, digits, '.', '_' and '-', a letter or digit first", text)
	}
	p.spec.Name = text
}

func (p *parser) trainerName(n *yaml.Node) {
	var known []string
	for _, t := range Trainers() {
		known = append(known, t.Name)
	}
	if n.Kind == yaml.ScalarNode && n.Value == TrainerCommand {
		p.fail(n, "trainer", "the trainer command is not part of this version; known are %s", strings.Join(known, ", "))
		return
	}
	p.spec.Trainer = p.oneOf(n, "trainer", known)
	p.trainer, _ = LookupTrainer(p.spec.Trainer)
}

func (p *parser) grid(n *yaml.Node) {
	p.mapping(n, "grid", fieldNames(false), func(key string, _, v *yaml.Node) {
		axis, name, seen := Axis{Field: key}, "grid."+key, map[any]bool{}
		p.list(v, name, func(i int, v *yaml.Node) {
			value, ok := p.value(v, fmt.Sprintf("%s[%d]", name, i), key)
			if ok && seen[value] {
				p.fail(v, name, "%v stands twice on the axis", value)
			}
			seen[value] = true
			axis.Values = append(axis.Values, value)
		})
		p.spec.Grid = append(p.spec.Grid, axis)
	})
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		p.fail(n, "grid", "must not be empty: give at least model, data and samples_seen")
	}
}

func (p *parser) excludes(n *yaml.Node) {
	p.list(n, "exclude", func(i int, v *yaml.Node) {
		name := fmt.Sprintf("exclude[%d]", i)
		p.at[name] = v
		p.spec.Exclude = append(p.spec.Exclude, p.values(v, name, fieldNames(false)))
	})
}

func (p *parser) includes(n *yaml.Node) {
	p.list(n, "include", func(i int, v *yaml.Node) {
		name := fmt.Sprintf("include[%d]", i)
		p.at[name] = v
		p.spec.Include = append(p.spec.Include, p.values(v, name, fieldNames(false)))
	})
}

func (p *parser) recipe(n *yaml.Node) {
	p.spec.Recipe = p.values(n, "recipe", fieldNames(true))
}

func (p *parser) rules(n *yaml.Node) {
	p.list(n, "rules", func(i int, v *yaml.Node) {
		var rule Rule
		name := fmt.Sprintf("rules[%d]", i)
		p.at[name] = v
		p.mapping(v, name, []string{"when", "set"}, func(key string, _, v *yaml.Node) {
			if key == "when" {
				rule.When = p.values(v, name+".when", fieldNames(false))
			} else {
				rule.Set = p.values(v, name+".set", fieldNames(true))
			}
		})
		if rule.When == nil || len(rule.Set) == 0 {
			p.fail(v, name, "needs both when and set")
		}
		p.spec.Rules = append(p.spec.Rules, rule)
	})
}

func (p *parser) checkpoints(n *yaml.Node) {
	p.spec.Checkpoints = int(p.count(n, "checkpoints", 1, 10_000))
}

func (p *parser) limits(n *yaml.Node) {
	p.mapping(n, "limits", []string{"concurrency", "attempts", "gpu_hours", "price_per_device_hour"}, func(key string, _, v *yaml.Node) {
		switch key {
		case "concurrency":
			p.spec.Limits.Concurrency = int(p.count(v, "limits.concurrency", 1, MaxConcurrency))
		case "attempts":
			p.spec.Limits.Attempts = int(p.count(v, "limits.attempts", 1, 1000))
		case "gpu_hours":
			p.spec.Limits.GPUHours = p.real(v, "limits.gpu_hours", 1e-9, math.MaxFloat64)
		case "price_per_device_hour":
			p.spec.Limits.Price = p.real(v, "limits.price_per_device_hour", MinPrice, MaxPrice)
		}
	})
}
