package workflows

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/activities"
)

var update = flag.Bool("update", false, "write golden files anew")

// crossing are the types that are written into histories or cross between processes.
var crossing = []any{
	SweepInput{}, SweepResume{}, SweepResult{}, Progress{}, ExtendInput{}, RetryInput{},
	RunInput{}, RunResult{}, Want{}, Outcome{}, EvaluateInput{}, EvaluateResult{}, FitInput{},
	activities.PlanInput{}, activities.PlanResult{}, activities.CellsInput{}, activities.Cell{}, activities.StateInput{},
	activities.RunOutcome{}, activities.Tally{}, activities.TrainInput{}, activities.TrainResult{}, activities.EvaluateInput{},
	activities.EvaluateResult{}, activities.FitInput{}, activities.FitResult{}, activities.FitOutcome{},
	activities.BatchInput{}, activities.BatchResult{}, activities.KeptInput{}, activities.KeptPage{}, activities.KeptCheckpoint{},
}

// TestNames holds every name that running workflows depend on. A line that is gone from the
// golden file is a field that they would lose; lines may only be added.
func TestNames(t *testing.T) {
	names := []string{
		"task queue " + TaskQueue, "workflow id " + SweepID("NAME"), "workflow id " + RunID("ID"),
		"signal " + signalWant, "signal " + signalOutcome, "query " + QueryProgress,
	}
	for _, u := range []string{UpdatePause, UpdateResume, UpdateCancel, UpdateRetry, UpdateExtend, UpdateSetConcurrency, UpdateSetGPUHours} {
		names = append(names, "update "+u)
	}
	for _, f := range activities.Failures {
		names = append(names, "failure "+f.Class)
	}
	for _, v := range crossing {
		names = append(names, fields(reflect.TypeOf(v))...)
	}
	slices.Sort(names)
	got := strings.Join(slices.Compact(names), "\n") + "\n"
	const golden = "testdata/names.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the names differ from %s (-update writes it); they are now:\n%s", golden, got)
	}
}

// fields are the JSON names of a type's fields with their Go types.
func fields(of reflect.Type) []string {
	var lines []string
	for _, f := range reflect.VisibleFields(of) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		lines = append(lines, "field "+of.String()+" "+f.Tag.Get("json")+" "+f.Type.String())
	}
	return lines
}

// An outcome's fields lie beside each other: a signal in flight would lose them otherwise.
func TestOutcomeIsFlat(t *testing.T) {
	b, err := json.Marshal(Outcome{RunID: "r", RunResult: RunResult{State: "succeeded", Reason: "x", DeviceSeconds: 2}})
	if want := `{"run":"r","state":"succeeded","reason":"x","device_seconds":2}`; err != nil || string(b) != want {
		t.Errorf("%s, %v, want %s", b, err, want)
	}
}
