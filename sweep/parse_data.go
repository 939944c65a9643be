package sweep

import (
	"regexp"

	"go.yaml.in/yaml/v3"
)

// SourceFiles is the source of a data set that is given as files.
const SourceFiles = "files"

// filesPattern is what makes a data set's name mean files; schema.json holds the same.
const filesPattern = `[/\\{*?\[]|::|\.(tar|tar\.gz|tgz|csv|tsv)$`

var isDataFiles = regexp.MustCompile(filesPattern).MatchString

// IsDataFiles reports whether a data set's name means files - a path, glob or brace list of
// webdataset shards, or a CSV table - and no entry of the catalogue.
func IsDataFiles(name string) bool { return isDataFiles(name) }

func (p *parser) data(n *yaml.Node, name, text string) bool {
	if d, ok := LookupDataset(text); ok {
		return p.check(n, name, p.trainer.takesData(d))
	}
	if IsDataFiles(text) {
		return p.dataFiles(n, name, text)
	}
	var known []string
	for _, d := range Datasets() {
		known = append(known, d.Name)
	}
	p.fail(n, name, "unknown data set %q%s", text, orKnown(text, known))
	return false
}

// dataFiles finds the files of a data set and keeps what they come to in the Spec.
func (p *parser) dataFiles(n *yaml.Node, name, text string) bool {
	if _, ok := p.spec.Data[text]; ok {
		return true
	}
	if !p.check(n, name, p.trainer.takesData(Dataset{Name: text, Source: SourceFiles})) {
		return false
	}
	if p.options.OpenData == nil {
		p.fail(n, name, "%q: data from files cannot be read here", text)
		return false
	}
	d, err := p.options.OpenData(text)
	if !p.check(n, name, err) {
		return false
	}
	if p.spec.Data == nil {
		p.spec.Data = map[string]Dataset{}
	}
	d.Name = text
	p.spec.Data[text] = d
	return true
}
