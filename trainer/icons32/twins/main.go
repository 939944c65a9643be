// Command twins computes what icons32 embeds about near twins and the nearest-neighbour
// baseline: twins.tsv and baseline.json, in the current folder. It takes some minutes.
//
//	cd trainer/icons32 && go run ./twins
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/scalelaw/scalelaw/trainer/icons32"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	set, err := icons32.Load()
	if err != nil {
		return err
	}
	train, err := set.Train(189_854)
	if err != nil {
		return err
	}
	label := map[string]int{}
	for k, name := range icons32.Classes() {
		label[name] = k
	}
	baseline := map[string]float64{}
	for _, split := range []string{"test-all", "emoji", "pixel", "colour"} {
		items, labels, err := set.Labelled(split)
		if err != nil {
			return err
		}
		found := nearest(set, items, train, label)
		baseline[split] = errorRate(found, labels, ofLabelled)
		if split == "test-all" {
			baseline["test"] = errorRate(found, labels, ofLabelledTwinFree)
			fmt.Printf("test-all with every icon as a neighbour: %.4f\n", errorRate(found, labels, ofEveryIcon))
			if err := os.WriteFile("twins.tsv", []byte(twinLines(set, items, found)), 0o644); err != nil {
				return err
			}
		}
		fmt.Printf("%s: %d icons, 1-NN top-1 error %.4f\n", split, len(items), baseline[split])
	}
	text, err := json.MarshalIndent(baseline, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile("baseline.json", append(text, '\n'), 0o644)
}

// neighbour is what the training icons hold for one icon: the highest correlation with any of
// them and the class of that one (-1: it bears no class name), and the same among those that
// bear a class name.
type neighbour struct {
	any, labelled float32
	anyClass      int
	class         int
}

// The answers of the classifier to an icon, and whether the icon counts.
func ofLabelled(n neighbour) (class int, counts bool)  { return n.class, true }
func ofEveryIcon(n neighbour) (class int, counts bool) { return n.anyClass, true }
func ofLabelledTwinFree(n neighbour) (class int, counts bool) {
	return n.class, n.any <= icons32.TwinCorrelation
}

func nearest(set *icons32.Set, items, train []int, label map[string]int) []neighbour {
	const block = 2048
	found := make([]neighbour, len(items))
	for i := range found {
		found[i] = neighbour{any: -2, labelled: -2, anyClass: -1, class: -1}
	}
	queries := standardized(set, items)
	for at := 0; at < len(train); at += block {
		some := train[at:min(at+block, len(train))]
		product := blas32.General{Rows: len(items), Cols: len(some), Stride: len(some), Data: make([]float32, len(items)*len(some))}
		blas32.Gemm(blas.NoTrans, blas.Trans, 1, queries, standardized(set, some), 0, product)
		for i := range found {
			for j, r := range product.Data[i*len(some):][:len(some)] {
				found[i].see(r, set.Item(some[j]).Base, label)
			}
		}
	}
	return found
}

func (n *neighbour) see(r float32, base string, label map[string]int) {
	if r <= n.any && r <= n.labelled {
		return
	}
	k, ok := label[base]
	if !ok {
		k = -1
	}
	if r > n.any {
		n.any, n.anyClass = r, k
	}
	if ok && r > n.labelled {
		n.labelled, n.class = r, k
	}
}

// standardized gives images as rows of mean 0 and norm 1, so that products are correlations.
func standardized(set *icons32.Set, items []int) blas32.General {
	const n = icons32.Side * icons32.Side
	m := blas32.General{Rows: len(items), Cols: n, Stride: n, Data: make([]float32, len(items)*n)}
	for i, item := range items {
		row := m.Data[i*n:][:n]
		set.Pixels(item, row)
		var sum, squares float64
		for _, v := range row {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		mean := sum / n
		scale := 1 / math.Sqrt(max(squares-n*mean*mean, 1e-12))
		for k := range row {
			row[k] = float32((float64(row[k]) - mean) * scale)
		}
	}
	return m
}

func errorRate(found []neighbour, labels []int, answer func(neighbour) (class int, counts bool)) float64 {
	wrong, all := 0, 0
	for i, n := range found {
		class, counts := answer(n)
		if !counts {
			continue
		}
		all++
		if class != labels[i] {
			wrong++
		}
	}
	return float64(wrong) / float64(all)
}

func twinLines(set *icons32.Set, items []int, found []neighbour) string {
	var b strings.Builder
	for i, item := range items {
		if found[i].any > icons32.TwinCorrelation {
			fmt.Fprintf(&b, "%s\t%s\n", set.Item(item).Pack, set.Item(item).Name)
		}
	}
	return b.String()
}
