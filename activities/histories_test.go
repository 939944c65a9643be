package activities

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

// Histories hold the names of activities and their inputs and results as JSON. Workflows that
// run while the program is replaced read them again: a name may be added, never changed or
// taken away. Every field is set in these values, so that each name is seen.
var (
	anAsk    = sweep.FitAsk{Metric: "m", Rule: "r", Law: "l", GroupBy: "g", Select: "s"}
	aState   = StateInput{ID: "i", State: "s", Reason: "r"}
	ofSweeps = map[string][2]any{ // method: input, result
		"PlanSweep": {
			PlanInput{Name: "n", Spec: []byte("{}"), CodeVersion: "v"},
			PlanResult{Total: 1, Reused: 2, Batched: true, Trainer: "t", Tasks: []string{"a"}, Checkpoints: 3,
				Limits: sweep.Limits{Concurrency: 4, Attempts: 5, GPUHours: 6, Price: 7}, Fits: []sweep.FitAsk{anAsk}},
		},
		"NextCells": {
			CellsInput{Sweep: "s", From: 1, Limit: 2},
			[]Cell{{Ordinal: 1, RunID: "r", State: "s", Model: "m", Data: "d", SamplesSeen: 2}},
		},
		"CountCells":      {"s", Tally{Counts: map[sweep.State]int{sweep.Planned: 1}, Total: 2}},
		"KeptCheckpoints": {KeptInput{Sweep: "s", From: 1, Limit: 2}, KeptPage{Cells: 1, Checkpoints: []KeptCheckpoint{{RunID: "r", Step: 2}}}},
		"SetSweepState":   {aState, nil},
		"SetRunState":     {aState, nil},
		"ReadRun":         {"r", RunOutcome{State: "s", Reason: "r"}},
	}
	ofRuns = map[string][2]any{
		"Train":        {TrainInput{RunID: "r", Finish: true}, TrainResult{State: "s", Reason: "r", DeviceSeconds: 1, Steps: []int64{2}}},
		"Evaluate":     {EvaluateInput{RunID: "r", Step: 1, Tasks: []string{"t"}, Finish: true}, EvaluateResult{Scores: 1}},
		"SurfaceBatch": {BatchInput{Sweep: "s", Size: 1}, BatchResult{Runs: 1}},
		"Fit": {
			FitInput{Sweep: "s", Asks: []sweep.FitAsk{anAsk}, Record: true},
			FitResult{Fits: []FitOutcome{{ID: "i", Metric: "m", Group: "g", Rule: "r", Status: "s", Formula: "f", Used: 1, Points: 2}}},
		},
	}
)

var inHistories = map[string][2]string{
	"PlanSweep": {
		`{"name":"n","spec":"e30=","code_version":"v"}`,
		`{"total":1,"reused":2,"batched":true,"trainer":"t","tasks":["a"],"checkpoints":3,"limits":{"concurrency":4,"attempts":5,"gpu_hours":6,"price_per_device_hour":7},` +
			`"fits":[{"metric":"m","rule":"r","law":"l","group_by":"g","select":"s"}]}`,
	},
	"NextCells":       {`{"sweep":"s","from":1,"limit":2}`, `[{"ordinal":1,"run":"r","state":"s","model":"m","data":"d","samples_seen":2}]`},
	"CountCells":      {`"s"`, `{"counts":{"planned":1},"total":2}`},
	"KeptCheckpoints": {`{"sweep":"s","from":1,"limit":2}`, `{"cells":1,"checkpoints":[{"run":"r","step":2}]}`},
	"SetSweepState":   {`{"id":"i","state":"s","reason":"r"}`, `null`},
	"SetRunState":     {`{"id":"i","state":"s","reason":"r"}`, `null`},
	"ReadRun":         {`"r"`, `{"state":"s","reason":"r"}`},
	"Train":           {`{"run":"r","finish":true}`, `{"state":"s","reason":"r","device_seconds":1,"steps":[2]}`},
	"Evaluate":        {`{"run":"r","step":1,"tasks":["t"],"finish":true}`, `{"scores":1}`},
	"SurfaceBatch":    {`{"sweep":"s","size":1}`, `{"runs":1}`},
	"Fit": {
		`{"sweep":"s","asks":[{"metric":"m","rule":"r","law":"l","group_by":"g","select":"s"}],"record":true}`,
		`{"fits":[{"id":"i","metric":"m","group":"g","rule":"r","status":"s","formula":"f","used":1,"points":2}]}`,
	},
}

func TestNamesInHistories(t *testing.T) {
	for method, want := range inHistories {
		values, ok := ofSweeps[method]
		if !ok {
			values = ofRuns[method]
		}
		for i, value := range values {
			text, err := json.Marshal(value)
			if err != nil || string(text) != want[i] {
				t.Errorf("%s: %s (%v)\nwant %s", method, text, err, want[i])
			}
			if field := unset(reflect.ValueOf(value)); field != "" {
				t.Errorf("%s: %T leaves %s unset: set it here, so that its name is held", method, value, field)
			}
		}
	}
}

// unset finds a field without a value.
func unset(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Slice:
		if v.Len() > 0 {
			return unset(v.Index(0))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() {
				return name
			} else if inner := unset(v.Field(i)); inner != "" {
				return name + "." + inner
			}
		}
	}
	return ""
}

// Each method is an activity by its own name, with the input and the result listed above.
func TestEveryActivityIsListed(t *testing.T) {
	activities := reflect.TypeFor[*Activities]()
	var names []string
	for i := range activities.NumMethod() {
		method := activities.Method(i)
		names = append(names, method.Name)
		values, ok := ofSweeps[method.Name]
		if !ok {
			values = ofRuns[method.Name]
		}
		if in := method.Type.In(2); values[0] == nil || in != reflect.TypeOf(values[0]) {
			t.Errorf("%s takes %s, which is not listed", method.Name, in)
		}
		if out := method.Type.Out(0); method.Type.NumOut() == 2 && out != reflect.TypeOf(values[1]) {
			t.Errorf("%s gives %s, which is not listed", method.Name, out)
		}
		if method.Type.In(1) != reflect.TypeFor[context.Context]() {
			t.Errorf("%s is no activity", method.Name)
		}
	}
	var listed []string
	for name := range inHistories {
		listed = append(listed, name)
	}
	slices.Sort(listed)
	if got, want := strings.Join(names, " "), strings.Join(listed, " "); got != want {
		t.Errorf("activities %s\nlisted     %s", got, want)
	}
}

// The names of classes are in histories too, as the types of errors.
func TestClassesInHistories(t *testing.T) {
	var classes []string
	for _, f := range Failures {
		if !slices.Contains(classes, f.Class) {
			classes = append(classes, f.Class)
		}
	}
	if got := strings.Join(classes, ", "); got != "superseded, diverged, no space left, out of memory, no usable device, device in use, device lost, too large for the device, internal error, data missing, lost contact, bad input, transient" {
		t.Error(got)
	}
}

// A heartbeat is read in Temporal's UI.
func TestNamesInHeartbeats(t *testing.T) {
	beat := Beat{Step: 1, Steps: 2, SamplesPerSecond: 3, Loss: 4, Checkpoint: 5}
	text, err := json.Marshal(beat)
	if err != nil || string(text) != `{"step":1,"steps":2,"samples_per_second":3,"loss":4,"checkpoint":5}` || unset(reflect.ValueOf(beat)) != "" {
		t.Errorf("%s, %v", text, err)
	}
}
