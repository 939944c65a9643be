package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

func (a *app) dataCommand() *cobra.Command {
	return group("data", "Data sets", a.dataListCommand(), a.dataShowCommand(), a.dataExportCommand(), a.dataSheetCommand())
}

func (a *app) dataListCommand() *cobra.Command {
	f := &fileFlags{}
	c := &cobra.Command{
		Use: "list [FILES]", Short: "The data sets that sweeps can name, or the files of one", Args: atMost("a data set of files"),
		Example: "  scalelaw data list\n  scalelaw data list 'shards/{00000..00031}.tar'",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.listFiles(c.Context(), args[0], f)
			}
			return a.listData()
		},
	}
	f.add(c.Flags())
	return c
}

func (a *app) listData() error {
	t := &table{header: []string{"data", "pairs", "source", "revision", "trained on by"}}
	for _, d := range sweep.Datasets() {
		by := "openclip"
		if d.Source == "icons-32" {
			by = "clip"
		}
		t.add(d.Name, d.Pairs, d.Source, d.Revision, by)
	}
	return a.print(sweep.Datasets(), t)
}

func (a *app) listFiles(ctx context.Context, pattern string, f *fileFlags) error {
	set, err := f.open(pattern)
	if err != nil {
		return err
	}
	t := &table{header: []string{"file", "bytes", "pairs", "incomplete"}}
	counts := make([]dataset.Count, len(set.Files))
	for i := range set.Files {
		if counts[i], err = set.Count(ctx, i); err != nil {
			return err
		}
		t.add(counts[i].File, counts[i].Bytes, counts[i].Pairs, counts[i].Incomplete)
	}
	return a.print(counts, t)
}

func (a *app) dataShowCommand() *cobra.Command {
	f := &fileFlags{}
	check := false
	c := &cobra.Command{
		Use: "show NAME|FILES", Short: "One data set: splits, classes, some captions, baselines; of files what they hold", Args: exactly("a data set"),
		Example: "  scalelaw data show icons-6k\n  scalelaw data show 'shards/{00000..00031}.tar' --check",
		RunE: func(c *cobra.Command, args []string) error {
			if sweep.IsDataFiles(args[0]) {
				return a.showFiles(c.Context(), args[0], f, check)
			}
			return a.showData(args[0])
		},
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&check, "check", false, "of files: decode every image, and count what cannot be used")
	return c
}

// lookupData finds a data set of the catalogue.
func lookupData(name string) (sweep.Dataset, error) {
	d, ok := sweep.LookupDataset(name)
	if ok {
		return d, nil
	}
	return d, usage("there is no data set %q%s", name, didYouMean(name, dataNames(), "scalelaw data list"))
}

// dataNames are those of the catalogue.
func dataNames() []string {
	var names []string
	for _, d := range sweep.Datasets() {
		names = append(names, d.Name)
	}
	return names
}

func (a *app) showData(name string) error {
	d, err := lookupData(name)
	if err != nil {
		return err
	}
	v, err := describeData(d)
	if err != nil {
		return err
	}
	t := &table{}
	t.add("data", d.Name)
	t.add("pairs", d.Pairs)
	t.add("source", d.Source)
	t.add("revision", d.Revision)
	if v.Classes > 0 {
		t.add("classes", v.Classes)
	}
	for _, split := range slices.Sorted(maps.Keys(v.Splits)) {
		t.add("split "+split, fmt.Sprintf("%d icons, nearest neighbour's top-1 error %.3f", v.Splits[split], v.Baselines[split]))
	}
	for _, c := range v.Captions {
		t.add("caption", c)
	}
	if v.Words > 0 {
		t.add("words", fmt.Sprintf("%d different ones, most often %s", v.Words, commonWords(v.Frequencies, 8)))
		t.add("licences", fmt.Sprintf("%d packs; trainer/icons32/NOTICE names each with its author and licence", len(v.Packs)))
	}
	return a.print(v, t)
}

// describeData tells what is known of a data set: of the published ones, the catalogue's entry.
func describeData(d sweep.Dataset) (sweep.DatasetDetail, error) {
	if d.Source == "icons-32" {
		return icons32.Describe(d)
	}
	return sweep.DatasetDetail{Dataset: d}, nil
}

func commonWords(all []sweep.WordFrequency, n int) string {
	var words []string
	for _, f := range all[:min(n, len(all))] {
		words = append(words, f.Word)
	}
	return strings.Join(words, ", ")
}
