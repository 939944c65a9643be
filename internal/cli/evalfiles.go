package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/dataset"
)

// testFlags name test sets of files.
type testFlags struct {
	test, classes, templates string
	retrieval                string
	files                    fileFlags
}

func (f *testFlags) add(o *pflag.FlagSet) {
	o.StringVar(&f.test, "test", "", "files for zero-shot classification: a folder of classes, or shards with cls members")
	o.StringVar(&f.classes, "classes", "", "of --test: file with a class a line (classnames.txt beside the shards; the folders' names)")
	o.StringVar(&f.templates, "templates", "", "of --test: file with a prompt a line, {c} for the class (zeroshot_classification_templates.txt beside them; else the bare name)")
	o.StringVar(&f.retrieval, "retrieval", "", "files for retrieval: shards, or a table, of images and captions")
	f.files.add(o)
}

func (f *testFlags) given() bool { return f.test != "" || f.retrieval != "" }

func (f *testFlags) check() error {
	if f.test == "" && (f.classes != "" || f.templates != "") {
		return usage("--classes and --templates belong to --test, which names the images")
	}
	return nil
}

// scoreFiles evaluates on the test sets that the flags name, which are found before a model is
// made.
func (a *app) scoreFiles(ctx context.Context, engine clip.Engine, saved *clip.Saved, f *testFlags, threads int) ([]sweep.Score, error) {
	classification, err := f.classification()
	if err != nil {
		return nil, err
	}
	pairs, err := f.pairs()
	if err != nil {
		return nil, err
	}
	if saved.Run.Model.OpenCLIP == nil {
		return nil, usage("model %s: only open_clip's models can be evaluated on files; the icons-* ladder has --tasks", saved.Run.Model.Name)
	}
	e, err := engine.Embedder(saved, threads)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	var scores []sweep.Score
	if classification != nil {
		found, err := e.Classify(ctx, classification, threads)
		if err != nil {
			return nil, err
		}
		scores = append(scores, a.leftOut(found, f.test)...)
	}
	if pairs != nil {
		found, err := e.Retrieve(ctx, pairs, threads)
		if err != nil {
			return nil, err
		}
		scores = append(scores, a.leftOut(found, f.retrieval)...)
	}
	return scores, nil
}

func (f *testFlags) classification() (*dataset.Classification, error) {
	if f.test == "" {
		return nil, nil
	}
	set, err := f.open("--test", f.test)
	if err != nil {
		return nil, err
	}
	c, err := set.Classification(f.classes, f.templates)
	if errors.Is(err, sweep.ErrNotFound) {
		return nil, usage("--test: %v (--classes)", err)
	}
	return c, err
}

func (f *testFlags) pairs() (*dataset.Set, error) {
	if f.retrieval == "" {
		return nil, nil
	}
	return f.open("--retrieval", f.retrieval)
}

// open finds the files of a flag.
func (f *testFlags) open(flag, pattern string) (*dataset.Set, error) {
	set, err := f.files.open(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return set, nil
}

// leftOut says which samples do not count in the scores.
func (a *app) leftOut(s clip.FileScores, pattern string) []sweep.Score {
	if s.Incomplete+s.Bad > 0 {
		a.say("%s: left out %d incomplete samples and %d images that cannot be used", pattern, s.Incomplete, s.Bad)
	}
	return s.Scores
}
