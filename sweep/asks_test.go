package sweep

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFitAskCheck(t *testing.T) {
	for want, ask := range map[string]FitAsk{
		`group by "dat": it is one of data, model; did you mean "data"?`: {GroupBy: "dat", Select: "best"},
		`select "bogus": it is one of best, all`:                         {GroupBy: "model", Select: "bogus"},
	} {
		if err := ask.Check(); !errors.Is(err, ErrBadInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", ask, err, want)
		}
	}
	for _, ask := range []FitAsk{{}, {GroupBy: "data", Select: "all"}, {GroupBy: "model", Select: "best"}} {
		if err := ask.Check(); err != nil {
			t.Errorf("%+v: %v", ask, err)
		}
	}
}

// A sweep's first metric is that of its first fit, or of its first task.
func TestSpecMetrics(t *testing.T) {
	shift := []string{"icons-shift/top5_error", "icons-shift/top1_error"}
	for _, c := range []struct {
		spec Spec
		want []string
	}{
		{Spec{Evaluate: []string{"surface"}, Fits: []FitAsk{}}, []string{"surface/top1_error"}},
		{Spec{Evaluate: []string{"icons-shift"}, Fits: []FitAsk{{Metric: shift[0]}, {Metric: shift[0], GroupBy: "data"}}}, shift},
		{Spec{}, nil},
	} {
		if d := cmp.Diff(c.want, c.spec.Metrics()); d != "" {
			t.Errorf("%+v (-want +got):\n%s", c.spec, d)
		}
	}
}
