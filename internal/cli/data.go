package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

func (a *app) dataCommand() *cobra.Command {
	return group("data", "Data sets",
		&cobra.Command{Use: "list", Short: "The data sets that sweeps can name", Example: "  scalelaw data list", Args: exactly(), RunE: func(*cobra.Command, []string) error {
			t := &table{header: []string{"data", "pairs", "source", "revision", "trained on by"}}
			for _, d := range sweep.Datasets() {
				by := "openclip"
				if d.Source == "icons-32" {
					by = "clip"
				}
				t.add(d.Name, d.Pairs, d.Source, d.Revision, by)
			}
			return a.print(sweep.Datasets(), t)
		}},
		&cobra.Command{Use: "show NAME", Short: "One data set: splits, classes, some captions, baselines", Example: "  scalelaw data show icons-6k", Args: exactly("a data set"), RunE: func(_ *cobra.Command, args []string) error {
			return a.showData(args[0])
		}},
	)
}

// dataView is what is known of a data set.
type dataView struct {
	sweep.Dataset
	Classes   int                `json:"classes,omitempty"`
	Splits    map[string]int     `json:"splits,omitempty"` // labelled icons
	Baselines map[string]float64 `json:"nearest_neighbour_top1_error,omitempty"`
	Captions  []string           `json:"captions,omitempty"` // the first few
}

func (a *app) showData(name string) error {
	d, ok := sweep.LookupDataset(name)
	if !ok {
		var names []string
		for _, d := range sweep.Datasets() {
			names = append(names, d.Name)
		}
		return usage("there is no data set %q%s", name, didYouMean(name, names, "scalelaw data list"))
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
