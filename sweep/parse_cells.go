package sweep

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// maxCells bounds a sweep, unless told: more is a slip of the pen.
const maxCells = 1_000_000

// checkCells looks at the grid as a whole: what every cell needs, what matches nothing, what
// stands twice.
func (p *parser) checkCells() {
	size, most := 1, cmp.Or(p.options.MaxCells, maxCells)
	for _, axis := range p.spec.Grid {
		if size *= len(axis.Values); size > most {
			p.fail(p.at["grid"], "grid", "has more than %d cells", most)
			return
		}
	}
	p.checkMatches()
	p.checkNeeded()
	if len(p.problems) == 0 {
		p.checkRuns()
	}
}

// checkNeeded wants model, data and samples_seen for every cell.
func (p *parser) checkNeeded() {
	onGrid := map[string]bool{}
	for _, axis := range p.spec.Grid {
		onGrid[axis.Field] = true
	}
	for _, name := range []string{"model", "data", "samples_seen"} {
		if !onGrid[name] && len(p.spec.Grid) > 0 {
			p.fail(p.at["grid"], "grid."+name, "is missing: every run needs it")
		}
		for i, cell := range p.spec.Include {
			if _, ok := cell[name]; !ok {
				p.fail(p.at[fmt.Sprintf("include[%d]", i)], fmt.Sprintf("include[%d].%s", i, name), "is missing: a cell beside the grid states it")
			}
		}
	}
}

// checkMatches wants every exclude to match a cell of the grid, and every rule to set
// something on a cell that is left.
func (p *parser) checkMatches() {
	grid := Spec{Grid: p.spec.Grid}
	cells := grid.cells()
	for i, want := range p.spec.Exclude {
		name := fmt.Sprintf("exclude[%d]", i)
		if !slices.ContainsFunc(cells, func(cell Values) bool { return cell.matches(want) }) {
			p.fail(p.at[name], name, "matches no cell of the grid")
		}
	}
	cells = p.spec.cells()
	for i, rule := range p.spec.Rules {
		p.checkRule(fmt.Sprintf("rules[%d]", i), rule, cells)
	}
}

// checkRule wants a rule to match, and each field that it sets to be left open by a cell that
// it matches: a cell's own value wins over a rule.
func (p *parser) checkRule(name string, rule Rule, cells []Values) {
	matched, open := false, map[string]bool{}
	for _, cell := range cells {
		if !cell.matches(rule.When) {
			continue
		}
		matched = true
		for field := range rule.Set {
			_, own := cell[field]
			open[field] = open[field] || !own
		}
	}
	if !matched {
		p.fail(p.at[name+".when"], name+".when", "matches no cell; it looks at the fields of grid and include")
		return
	}
	for _, field := range slices.Sorted(maps.Keys(open)) {
		if !open[field] {
			full := name + ".set." + field
			p.fail(p.at[full], full, "sets nothing: every cell that the rule matches states its own")
		}
	}
}

// checkRuns resolves every cell: each must be trainable, and none stand twice.
func (p *parser) checkRuns() {
	first := map[string]int{}
	cells := p.spec.cells()
	grid := len(cells) - len(p.spec.Include)
	for i, cell := range cells {
		name, at := "grid", p.at["grid"]
		if i >= grid {
			name = fmt.Sprintf("include[%d]", i-grid)
			at = p.at[name]
		}
		p.checkRun(i, cell, name, at, first)
		if len(p.problems) >= 20 {
			return
		}
	}
}

func (p *parser) checkRun(i int, cell Values, name string, at *yaml.Node, first map[string]int) {
	run, err := p.spec.resolve(cell)
	if err != nil {
		p.fail(at, name, "cell %d: %v", i+1, err)
		return
	}
	if j, twice := first[run.ID]; twice {
		p.fail(at, name, "cell %d is cell %d again: model %s, data %s, %d samples seen, the same recipe", i+1, j+1, run.Model.Name, run.Data.Name, run.SamplesSeen)
		return
	}
	first[run.ID] = i
}
