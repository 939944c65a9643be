package icons32

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// Describe tells what a data set of the catalogue holds: splits, baselines, packs with their
// licences, words.
func Describe(d sweep.Dataset) (sweep.DatasetDetail, error) {
	out := sweep.DatasetDetail{
		Dataset: d, Classes: len(Classes()), Splits: map[string]int{}, Baselines: map[string]float64{}, NearTwins: map[string]int{"test": len(twins())},
	}
	set, err := Load()
	if err != nil {
		return out, err
	}
	for _, split := range labelledSplits {
		items, _, err := set.Labelled(split)
		if err != nil {
			return out, err
		}
		out.Splits[split] = len(items)
		if out.Baselines[split], err = Baseline(split); err != nil {
			return out, err
		}
	}
	items, err := set.Train(int(d.Pairs))
	if err != nil {
		return out, err
	}
	for _, i := range items[:5] {
		out.Captions = append(out.Captions, fmt.Sprintf("%v (%s)", set.Item(i).Words, set.Item(i).Pack))
	}
	out.Packs = set.packs(items)
	out.Words, out.Frequencies = set.frequencies(items)
	return out, nil
}

// labelledSplits are those that have classes.
var labelledSplits = []string{"test", "test-all", "emoji", "pixel", "colour"}

// Samples are n pairs of a split from the from-th on, and how many the split has. Of train the
// first pairs of the training packs count.
func (s *Set) Samples(split string, pairs, from, n int) (samples []sweep.Sample, total int, err error) {
	items, labels, err := s.Split(split, pairs)
	if err != nil {
		return nil, 0, err
	}
	from = min(max(from, 0), len(items))
	for k := from; k < min(from+n, len(items)); k++ {
		one := sweep.Sample{Icon: items[k], Caption: s.Caption(items[k]), Pack: s.items[items[k]].Pack}
		if labels != nil {
			one.Class = Classes()[labels[k]]
		}
		samples = append(samples, one)
	}
	return samples, len(items), nil
}

// packs are the packs of some icons as NOTICE has them, the largest first.
func (s *Set) packs(items []int) []sweep.Pack {
	count := map[string]int{}
	for _, i := range items {
		count[s.items[i].Pack]++
	}
	var found []sweep.Pack
	for line := range strings.Lines(string(notice)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 5 && count[f[0]] > 0 {
			found = append(found, sweep.Pack{Pack: f[0], Name: f[1], Author: f[2], Licence: f[3], Address: f[4], Pairs: count[f[0]]})
		}
	}
	slices.SortStableFunc(found, func(a, b sweep.Pack) int { return cmp.Compare(b.Pairs, a.Pairs) })
	return found
}

// allRanks is up to which rank every word is given.
const allRanks = 30

// frequencies counts the words of captions, and gives those of the first ranks, then of ranks a
// tenth further each.
func (s *Set) frequencies(items []int) (words int, some []sweep.WordFrequency) {
	count := map[string]int{}
	for _, i := range items {
		for _, w := range s.items[i].Words {
			count[w]++
		}
	}
	all := make([]sweep.WordFrequency, 0, len(count))
	for w, n := range count {
		all = append(all, sweep.WordFrequency{Word: w, Count: n})
	}
	slices.SortFunc(all, func(a, b sweep.WordFrequency) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Word, b.Word))
	})
	for rank := 1; rank <= len(all); rank = further(rank) {
		all[rank-1].Rank = rank
		some = append(some, all[rank-1])
	}
	return len(all), some
}

func further(rank int) int {
	if rank < allRanks {
		return rank + 1
	}
	return rank * 11 / 10
}
