package sweep

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// value reads a field's value; models and data sets must be known, and numbers such that the
// trainer can work with them.
func (p *parser) value(n *yaml.Node, name, key string) (any, bool) {
	f, _ := lookupField(key)
	read := p.scalar
	if f.kind == kindFlag {
		read = p.flag
	}
	text, ok := read(n, name)
	if !ok {
		return nil, false
	}
	value, err := f.parse(text)
	if err == nil {
		err = p.trainer.accepts(key, value)
	}
	if !p.check(n, name, err) {
		return nil, false
	}
	switch key {
	case "model":
		return value, p.model(n, name, text)
	case "data":
		return value, p.data(n, name, text)
	}
	return value, true
}

// check reports an error at a value, and whether there was none.
func (p *parser) check(n *yaml.Node, name string, err error) bool {
	if err != nil {
		p.fail(n, name, "%v", err)
	}
	return err == nil
}

func (p *parser) model(n *yaml.Node, name, text string) bool {
	m, ok := LookupModel(text)
	if !ok && strings.HasSuffix(text, ".json") {
		if m, ok = p.modelFile(n, name, text); !ok {
			return false
		}
	}
	if ok {
		return p.check(n, name, p.trainer.takesModel(m))
	}
	var known []string
	for _, m := range Models() {
		known = append(known, m.Name)
	}
	p.fail(n, name, "unknown model %q%s", text, orKnown(text, known))
	return false
}

// values reads a mapping from fields to values.
func (p *parser) values(n *yaml.Node, name string, known []string) Values {
	values := Values{}
	p.mapping(n, name, known, func(key string, _, v *yaml.Node) {
		if value, ok := p.value(v, join(name, key), key); ok {
			values[key] = value
		}
	})
	return values
}

// modelFile reads an open_clip model configuration and keeps it in the Spec.
func (p *parser) modelFile(n *yaml.Node, name, path string) (Model, bool) {
	if m, ok := p.spec.Models[path]; ok {
		return m, true
	}
	if p.options.ReadFile == nil {
		p.fail(n, name, "%q: models from files cannot be read here", path)
		return Model{}, false
	}
	text, err := p.options.ReadFile(path)
	if err != nil {
		p.fail(n, name, "read the model file: %v", err)
		return Model{}, false
	}
	config, err := ReadModel(text)
	if err != nil {
		p.fail(n, name, "%s is not a model that can be planned: %v", path, err)
		return Model{}, false
	}
	if p.spec.Models == nil {
		p.spec.Models = map[string]Model{}
	}
	m := Model{Name: path, OpenCLIP: config}
	p.spec.Models[path] = m
	return m, true
}
