package icons32

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
)

// twinList names the labelled test icons whose pixels correlate above TwinCorrelation with
// some icon of the training packs, one "pack<TAB>name" a line; the command twins writes it.
//
//go:embed twins.tsv
var twinList string

//go:embed baseline.json
var baselineJSON []byte

// TwinCorrelation is the Pearson correlation of pixels above which two icons are near twins.
const TwinCorrelation = 0.95

var twins = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(twinList) {
		set[strings.TrimSuffix(line, "\n")] = true
	}
	return set
})

func hasTwin(it Item) bool { return twins()[it.Pack+"\t"+it.Name] }

// Baseline is the top-1 error, as a fraction, of the one-nearest-neighbour classifier on a
// held-out split: the class of the most correlated training icon among those that bear a class
// name. (With every training icon as a neighbour, right when it bears the class, the error on
// test-all is 0.5687: most icons bear none.) Computed once by `go run ./trainer/icons32/twins`.
func Baseline(split string) (float64, error) {
	var errors map[string]float64
	if err := json.Unmarshal(baselineJSON, &errors); err != nil {
		return 0, fmt.Errorf("read the embedded baseline: %w", err)
	}
	e, ok := errors[split]
	if !ok {
		return 0, fmt.Errorf("baseline of split %q: %w", split, sweep.ErrNotFound)
	}
	return e, nil
}
