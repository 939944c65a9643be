package clip

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// The nearest texts are the answers that zero-shot classification gives, and a search for the
// words of a class finds its icons more often than chance.
func TestGallery(t *testing.T) {
	run := runOf(8, 64*400, nil)
	weights := mustTrain(t, run, &memory{}, nil).snapshot(400).Weights
	job := trainer.EvalJob{Run: run, Weights: weights, Tasks: []string{"icons-test"}}
	scores, err := Trainer{}.Evaluate(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Trainer{}.Gallery(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if int64(len(g.Icons())) != scores[0].Samples {
		t.Fatalf("%d icons, %d were scored", len(g.Icons()), scores[0].Samples)
	}
	wrong := 0
	for k := range g.Icons() {
		five := g.Texts(k, 5)
		if len(five) != 5 || !slices.IsSortedFunc(five, func(a, b Match) int { return int(math.Copysign(1, b.Cosine-a.Cosine)) }) {
			t.Fatalf("icon %d: %+v", k, five)
		}
		if five[0].Text != g.Class(k) {
			wrong++
		}
	}
	if got := float64(wrong) / float64(len(g.Icons())); math.Abs(got-scores[0].Value) > 2e-3 {
		t.Errorf("%.4f of the nearest texts are wrong, top-1 error is %.4f", got, scores[0].Value)
	}
	found, known, err := g.Search("Arrow qqzzyx", 20)
	if err != nil || !slices.Equal(known, []string{"arrow"}) || len(found) != 20 || found[0].Cosine < found[19].Cosine {
		t.Errorf("%+v, known %v, %v", found, known, err)
	}
	if _, _, err := g.Search("qqzzyx", 5); !errors.Is(err, sweep.ErrBadInput) {
		t.Error(err)
	}
}

// A model that takes long for an image sees fewer of them.
func TestStrideOfLargeModels(t *testing.T) {
	small, large := sweep.NewLadder(32), sweep.NewLadder(32)
	large.Ladder.Width = 40_000
	if got := stride(small, 2600); got != 1 {
		t.Errorf("the ladder skips icons: %d", got)
	}
	if got := stride(large, 2600); got != 1+2599/16 {
		t.Errorf("of %g GMACs an image: every %d", large.GMACs().Total(), got)
	}
}
