package sweep

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// maxCells bounds a sweep: more is a slip of the pen.
const maxCells = 1_000_000

// checkCells looks at the grid as a whole: what every cell needs, what matches nothing, what
// stands twice.
func (p *parser) checkCells() {
	size := 1
	for _, axis := range p.spec.Grid {
		if size *= len(axis.Values); size > maxCells {
			p.fail(p.at["grid"], "grid", "has more than %d cells", maxCells)
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

// checkMatches wants every exclude and every rule to match some cell.
func (p *parser) checkMatches() {
	whole := *p.spec
	whole.Exclude = nil
	cells := whole.cells()
	some := func(want Values) bool {
		for _, cell := range cells {
			if cell.matches(want) {
				return true
			}
		}
		return false
	}
	for i, want := range p.spec.Exclude {
		name := fmt.Sprintf("exclude[%d]", i)
		if !some(want) {
			p.fail(p.at[name], name, "matches no cell of the grid")
		}
	}
	for i, rule := range p.spec.Rules {
		name := fmt.Sprintf("rules[%d].when", i)
		if !some(rule.When) {
			p.fail(p.at[name], name, "matches no cell")
		}
	}
}

// checkRuns resolves every cell: each must be trainable, and none stand twice.
func (p *parser) checkRuns() {
	first := map[string]int{}
	grid := len(p.spec.cells()) - len(p.spec.Include)
	for i, cell := range p.spec.cells() {
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
