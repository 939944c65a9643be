package sweep

import "go.yaml.in/yaml/v3"

// surface reads the law that the trainer surface draws errors from.
func (p *parser) surface(n *yaml.Node) {
	s := &Surface{Chance: 1}
	given := map[string]bool{}
	p.mapping(n, "surface", []string{"alpha", "beta", "floor", "noise", "chance"}, func(key string, _, v *yaml.Node) {
		given[key] = true
		name := "surface." + key
		switch key {
		case "alpha":
			s.Alpha = p.real(v, name, -10, 0)
		case "beta":
			s.Beta = p.real(v, name, 1e-12, 1e12)
		case "floor":
			s.Floor = p.real(v, name, 0, 1)
		case "noise":
			s.Noise = p.real(v, name, 0, 10)
		case "chance":
			s.Chance = p.real(v, name, 1e-9, 1)
		}
	})
	for _, key := range []string{"alpha", "beta"} {
		if n.Kind == yaml.MappingNode && !given[key] {
			p.fail(n, "surface."+key, "is missing: the law that errors are drawn from must be stated")
		}
	}
	p.spec.Surface = s
}

func (p *parser) surfaceOnlyForSurface() {
	switch {
	case p.spec.Trainer == TrainerSurface && p.spec.Surface == nil:
		p.fail(p.at["trainer"], "surface", "is missing: the trainer surface needs alpha and beta of its law")
	case p.spec.Trainer != TrainerSurface && p.spec.Surface != nil && p.trainer.Name != "":
		p.fail(p.at["surface"], "surface", "belongs to the trainer surface, not to %s", p.spec.Trainer)
	}
}
