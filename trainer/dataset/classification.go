package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// Names of the files beside the shards of a classification set, as CLIP_benchmark has them.
const (
	ClassesFile   = "classnames.txt"
	TemplatesFile = "zeroshot_classification_templates.txt"
)

// Classification is a test set of zero-shot classification: images with class numbers
// (Batch.Labels of a feed over Set), the classes' names, and the prompts' templates.
type Classification struct {
	Set       *Set
	Classes   []string
	Templates []string // {c} stands for the class's name
}

// Classification reads names and templates of the set's classes: from the files classes and
// templates (one a line) where they are given, else from the usual ones beside the shards. A
// folder of classes has its names itself. Without templates there is one, the bare name. A set
// without names is sweep.ErrNotFound. In the Set of the result what counts is the class: a pair
// without one is incomplete, and a caption is not needed.
func (s *Set) Classification(classes, templates string) (*Classification, error) {
	set := *s
	set.options.labelled = true
	c := &Classification{Set: &set}
	var err error
	if c.Classes, err = s.linesOf(classes, ClassesFile); err != nil {
		return nil, err
	}
	if f, ok := s.listing.(*folder); ok {
		if c.Classes == nil {
			for _, class := range f.classes {
				c.Classes = append(c.Classes, caption(class))
			}
		} else if len(c.Classes) != len(f.classes) {
			return nil, fmt.Errorf("%w: %d names for the %d classes of %s", sweep.ErrBadInput, len(c.Classes), len(f.classes), s.Pattern)
		}
	}
	if c.Classes == nil {
		return nil, fmt.Errorf("%w: data %q has no %s beside it: name a file with a class a line", sweep.ErrNotFound, s.Pattern, ClassesFile)
	}
	if c.Templates, err = s.linesOf(templates, TemplatesFile); err != nil {
		return nil, err
	}
	if c.Templates == nil {
		c.Templates = []string{"{c}"}
	}
	for _, t := range c.Templates {
		if !strings.Contains(t, "{c}") {
			return nil, fmt.Errorf("%w: the template %q has no {c} for the class", sweep.ErrBadInput, t)
		}
	}
	return c, nil
}

// Prompts are the texts of a class, one a template.
func (c *Classification) Prompts(class int) []string {
	prompts := make([]string, len(c.Templates))
	for i, t := range c.Templates {
		prompts[i] = strings.ReplaceAll(t, "{c}", c.Classes[class])
	}
	return prompts
}

// CheckLabel wants a batch's label to be one of the classes.
func (c *Classification) CheckLabel(label int, member string) error {
	if label >= 0 && label < len(c.Classes) {
		return nil
	}
	return fmt.Errorf("%w: member %s of %q is of class %d, and there are %d (its cls member says which)", sweep.ErrDataMissing, member, c.Set.Pattern, label, len(c.Classes))
}

// linesOf reads the lines of a file that is named, or of the usual one beside the set's files,
// where there is one: nil means none.
func (s *Set) linesOf(name, usual string) ([]string, error) {
	stated := name != ""
	if !stated {
		name = filepath.Join(filepath.Dir(s.Files[0]), usual)
		if s.Format == Folder {
			name = filepath.Join(s.Files[0], usual)
		}
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) && !stated {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	defer f.Close()
	var lines []string
	in := bufio.NewScanner(f)
	for in.Scan() {
		if line := strings.TrimSpace(in.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	if err := in.Err(); err != nil || len(lines) == 0 {
		return nil, fmt.Errorf("%w: %s has no lines that can be read: %v", sweep.ErrBadInput, name, err)
	}
	return lines, nil
}
