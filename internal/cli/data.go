package cli

import (
	"context"
	"fmt"

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

// dataView is what is known of a data set.
type dataView struct {
	sweep.Dataset
	Classes   int                `json:"classes,omitempty"`
	Splits    map[string]int     `json:"splits,omitempty"` // labelled icons
	Baselines map[string]float64 `json:"nearest_neighbour_top1_error,omitempty"`
	Captions  []string           `json:"captions,omitempty"` // the first few
}

// lookupData finds a data set of the catalogue.
func lookupData(name string) (sweep.Dataset, error) {
	d, ok := sweep.LookupDataset(name)
	if ok {
		return d, nil
	}
	var names []string
	for _, d := range sweep.Datasets() {
		names = append(names, d.Name)
	}
	return d, usage("there is no data set %q%s", name, didYouMean(name, names, "scalelaw data list"))
}

func (a *app) showData(name string) error {
	d, err := lookupData(name)
	if err != nil {
		return err
	}
	v := dataView{Dataset: d}
	t := &table{}
	t.add("data", d.Name)
	t.add("pairs", d.Pairs)
	t.add("source", d.Source)
	t.add("revision", d.Revision)
	if d.Source == "icons-32" {
		if err := v.icons(); err != nil {
			return err
		}
		t.add("classes", v.Classes)
		for _, split := range splits {
			t.add("split "+split, fmt.Sprintf("%d icons, nearest neighbour's top-1 error %.3f", v.Splits[split], v.Baselines[split]))
		}
		for _, c := range v.Captions {
			t.add("caption", c)
		}
		t.add("licences", "trainer/icons32/NOTICE names every pack, its author and its licence")
	}
	return a.print(v, t)
}

var splits = []string{"test", "test-all", "emoji", "pixel", "colour"}

func (v *dataView) icons() error {
	set, err := icons32.Load()
	if err != nil {
		return err
	}
	v.Classes, v.Splits, v.Baselines = len(icons32.Classes()), map[string]int{}, map[string]float64{}
	for _, split := range splits {
		items, _, err := set.Labelled(split)
		if err != nil {
			return err
		}
		v.Splits[split] = len(items)
		if v.Baselines[split], err = icons32.Baseline(split); err != nil {
			return err
		}
	}
	items, err := set.Train(int(v.Pairs))
	if err != nil {
		return err
	}
	for _, i := range items[:5] {
		v.Captions = append(v.Captions, fmt.Sprintf("%v (%s)", set.Item(i).Words, set.Item(i).Pack))
	}
	return nil
}
