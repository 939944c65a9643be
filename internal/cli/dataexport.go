package cli

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/trainer/dataset"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// exportFlags say what of a data set is written, and where.
type exportFlags struct {
	format, split, out string
	shardSize          int
}

func (a *app) dataExportCommand() *cobra.Command {
	f := &exportFlags{}
	c := &cobra.Command{
		Use: "export NAME", Short: "Write a data set of icons as webdataset shards, for open_clip and others", Args: exactly("a data set"),
		Example: "  scalelaw data export icons-6k --format webdataset --out icons-6k-shards\n  scalelaw data export icons-6k --split test --out icons-test-shards",
		RunE:    func(c *cobra.Command, args []string) error { return a.exportData(c.Context(), args[0], f) },
	}
	o := c.Flags()
	o.StringVar(&f.format, "format", dataset.WebDataset, "of the files; there is webdataset")
	o.StringVar(&f.split, "split", "train", "train, or a held-out split: "+strings.Join(icons32.Splits(), ", "))
	o.StringVar(&f.out, "out", "", "folder that is not there yet, or is empty")
	o.IntVar(&f.shardSize, "shard-size", 1000, "pairs of a shard")
	return c
}

func (a *app) exportData(ctx context.Context, name string, f *exportFlags) error {
	switch {
	case f.out == "":
		return usage("--out FOLDER is needed")
	case f.format != dataset.WebDataset:
		return usage("--format %s is not known; there is webdataset", f.format)
	case f.shardSize < 1:
		return usage("--shard-size %d is not positive", f.shardSize)
	}
	icons, err := openIcons(name, f.split)
	if err != nil {
		return err
	}
	sizes, err := dataset.Write(ctx, f.out, f.shardSize, icons.samples(), icons.beside())
	if err != nil {
		return err
	}
	t := &table{header: []string{"folder", "split", "shards", "pairs"}}
	t.add(f.out, f.split, len(sizes), len(icons.items))
	return a.print(map[string]any{"folder": f.out, "split": f.split, "shards": len(sizes), "pairs": len(icons.items), "revision": icons32.Revision}, t)
}

// icons are the icons of a split of a data set.
type icons struct {
	set           *icons32.Set
	items, labels []int
}

func openIcons(name, split string) (icons, error) {
	d, err := lookupData(name)
	if err != nil {
		return icons{}, err
	}
	if d.Source != "icons-32" {
		return icons{}, usage("data set %s is not part of this program: only the icons-* sets are", name)
	}
	set, err := icons32.Load()
	if err != nil {
		return icons{}, err
	}
	i := icons{set: set}
	if i.items, i.labels, err = set.Split(split, int(d.Pairs)); err != nil {
		return icons{}, usage("--split: %v", err)
	}
	return i, nil
}

func (i icons) samples() iter.Seq2[dataset.Sample, error] {
	return func(yield func(dataset.Sample, error) bool) {
		for k, item := range i.items {
			var b bytes.Buffer
			err := png.Encode(&b, i.set.Image(item))
			what := i.set.Item(item)
			s := dataset.Sample{
				Image: b.Bytes(), Extension: "png", Caption: i.set.Caption(item), Label: -1,
				Meta: map[string]any{"pack": what.Pack, "name": what.Name},
			}
			if i.labels != nil {
				s.Label = i.labels[k]
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// beside are the licences, and for zero-shot classification the classes and templates as
// CLIP_benchmark names its files.
func (i icons) beside() map[string][]byte {
	files := map[string][]byte{"NOTICE": icons32.Notice()}
	if i.labels != nil {
		files[dataset.ClassesFile] = []byte(strings.Join(icons32.Classes(), "\n") + "\n")
		var templates strings.Builder
		for _, t := range icons32.Templates() {
			fmt.Fprintln(&templates, strings.Join(append([]string{"{c}"}, t...), " "))
		}
		files[dataset.TemplatesFile] = []byte(templates.String())
	}
	return files
}
