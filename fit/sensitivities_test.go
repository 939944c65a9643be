package fit

import (
	"context"
	"errors"
	"reflect"
	"testing"
)

// The table by itself is that of a fit, and asks as much of its input.
func TestSensitivitiesAreThoseOfAFit(t *testing.T) {
	points, err := OpenCLIPRuns()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Rule: "pareto", Bootstrap: 100}
	r, err := Fit(context.Background(), points, o)
	if err != nil || len(r.Sensitivity) < 5 {
		t.Fatalf("%+v, %v", r.Sensitivity, err)
	}
	got, err := Sensitivities(points, o)
	if err != nil || !reflect.DeepEqual(got, r.Sensitivity) {
		t.Errorf("%+v, %v", got, err)
	}
	if none, err := Sensitivities(nil, o); none != nil || err != nil {
		t.Errorf("of no points: %v, %v", none, err)
	}
	if _, err := Sensitivities(append(points, points[0]), o); !errors.Is(err, ErrInput) {
		t.Errorf("a copy: %v", err)
	}
}
