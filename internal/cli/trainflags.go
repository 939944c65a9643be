package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// trainFlags describe one run by hand: a sweep of one cell.
type trainFlags struct {
	model, data, samples, out      string
	warmup, schedule, precision    string
	seed                           int64
	batch                          int64
	rate, decay, beta1, beta2, eps float64
	threads                        int
	device                         string
	accumulate                     int64
	checkpointing                  bool
	engine, order, augment         string
	init                           string
	files                          fileFlags
}

// choices are the flags of train whose other values this version does not have. Giving the one
// that it has is fine, so that a script says what it relies on.
func (f *trainFlags) choices() []choice {
	return []choice{
		{"engine", &f.engine, []string{"native", engineGorgonia}, "what computes; gorgonia is slow, and there to compare with"},
		{"order", &f.order, []string{"shuffled", "sequential"}, "order of the samples: anew in every epoch, or as they lie"},
		{"augment", &f.augment, []string{"shift", "crop", "none"}, "shift: icons moved by up to 2 pixels; crop: images of files cropped to 0.9 to 1 of their area"},
	}
}

type choice struct {
	flag  string
	value *string
	has   []string // the default first
	text  string
}

func (c choice) check() error {
	if slices.Contains(c.has, *c.value) {
		return nil
	}
	return usage("--%s %s is not in this version; it has %s", c.flag, *c.value, strings.Join(c.has, " and "))
}

// checkThreads refuses less than none.
func checkThreads(n int) error {
	if n < 0 {
		return usage("--threads is %d; 0 for all cores, or how many", n)
	}
	return nil
}

// devices is how many devices --device names.
func (f *trainFlags) devices() (int, error) {
	place, err := devicePlace(f.device)
	return max(len(place.Ordinals), 1), err
}

// spec writes the flags as the sweep file that they stand for, so that they are read by the
// same rules and give the same run as a cell of a sweep.
func (f *trainFlags) spec(ctx context.Context, changed func(string) bool) (*sweep.Spec, error) {
	if f.model == "" || f.data == "" || f.samples == "" || f.out == "" {
		return nil, usage("--model, --data, --samples-seen and --out are needed")
	}
	if err := checkThreads(f.threads); err != nil {
		return nil, err
	}
	for _, c := range f.choices() {
		if err := c.check(); err != nil {
			return nil, err
		}
	}
	devices, err := f.devices()
	if err != nil {
		return nil, err
	}
	precision, err := precisionNamed(f.precision)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("name: by-hand\ntrainer: clip\ninclude:\n  - {model: %q, data: %q, samples_seen: %q, seed: %d}\n", f.model, f.data, f.samples, f.seed)
	recipe := ""
	for _, field := range []struct {
		flag, key string
		value     any
	}{
		{"batch-size", "batch_size", f.batch}, {"learning-rate", "learning_rate", f.rate}, {"weight-decay", "weight_decay", f.decay},
		{"beta1", "beta1", f.beta1}, {"beta2", "beta2", f.beta2}, {"eps", "eps", f.eps},
		{"warmup", "warmup", f.warmup}, {"schedule", "schedule", f.schedule}, {"precision", "precision", precision}, {"order", "order", f.order}, {"augment", "augment", f.augment},
		{"accum-freq", "accum_freq", f.accumulate}, {"grad-checkpointing", "grad_checkpointing", f.checkpointing}, {"device", "devices", devices},
	} {
		if changed(field.flag) {
			recipe += fmt.Sprintf("  %s: %v\n", field.key, field.value)
		}
	}
	if recipe != "" {
		text += "recipe:\n" + recipe
	}
	spec, err := sweep.Parse([]byte(text), sweep.ParseOptions{ReadFile: os.ReadFile, OpenData: openData(ctx, ".", &f.files)})
	return spec, flagProblems(err)
}

// flagProblems names the flags that the problems are with: the user wrote no file.
func flagProblems(err error) error {
	var problems *sweep.ParseError
	if !errors.As(err, &problems) {
		return err
	}
	var all []string
	for _, p := range problems.Problems {
		p.Line, p.Field, p.Text = 0, flagOf(p.Field), strings.TrimPrefix(p.Text, "cell 1: ")
		all = append(all, p.String())
	}
	return usage("%s", strings.Join(all, "\n"))
}

// flagOf is the flag that stands for a field of the one cell or its recipe; of several together, none does.
func flagOf(field string) string {
	for _, part := range []string{"include[0].", "recipe."} {
		if name, ok := strings.CutPrefix(field, part); ok {
			return "--" + strings.ReplaceAll(name, "_", "-")
		}
	}
	return strings.TrimPrefix(field, "include[0]")
}
