package workflows

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"

	"github.com/scalelaw/scalelaw/sweep"
)

var recordFrom = flag.String("record", "", "address of a Temporal server with a worker of scalelaw: record testdata/replay anew")

// TestRecord makes real sweeps and keeps their histories. testdata/replay/README.md says when.
func TestRecord(t *testing.T) {
	if *recordFrom == "" {
		t.Skip("only with -record ADDRESS")
	}
	c, err := client.Dial(client.Options{HostPort: *recordFrom})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := &recorder{t: t, c: c, seed: time.Now().Unix()}
	for name, record := range map[string]func(string){
		"trained": r.trained, "paused": r.paused, "cancelled": r.cancelled, "shared": r.shared,
		"extended": r.extended, "continued": r.continued, "batched": r.batched,
	} {
		t.Run(name, func(t *testing.T) { r.t = t; record(name) })
	}
}

type recorder struct {
	t    *testing.T
	c    client.Client
	seed int64 // of the sweeps' runs, so that each is new
}

// text is a sweep file: cells of an icons model, or of the surface.
func (r *recorder) text(name, trainer, samples string, cells int) string {
	r.seed += 1000
	return r.textOf(name, trainer, samples, cells)
}

func (r *recorder) textOf(name, trainer, samples string, cells int) string {
	seeds := make([]string, cells)
	for i := range seeds {
		seeds[i] = fmt.Sprint(r.seed + int64(i))
	}
	grid := "{model: [icons-w4], data: [icons-6k], samples_seen: [" + samples + "], seed: [" + strings.Join(seeds, ", ") + "]}"
	tail := "evaluate: [icons-test]\nfits: [{metric: icons-test/top1_error, rule: all, law: power}]\n"
	if trainer == "surface" {
		grid = strings.Replace(strings.Replace(grid, "icons-w4", "ViT-B-32", 1), "icons-6k", "LAION-400M", 1)
		tail = "surface: {alpha: -0.1, beta: 6, noise: 0.02}\nfits: [{metric: surface/top1_error, rule: all, law: power}]\n"
	}
	return fmt.Sprintf("name: %s\ntrainer: %s\ngrid: %s\nlimits: {concurrency: 2}\n%s", name, trainer, grid, tail)
}

func (r *recorder) json(text string) []byte {
	spec, err := sweep.Parse([]byte(text), sweep.ParseOptions{})
	if err != nil {
		r.t.Fatalf("%v in\n%s", err, text)
	}
	b, err := json.Marshal(spec)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// start starts a sweep under a name that is free.
func (r *recorder) start(name, text string, in SweepInput) client.WorkflowRun {
	r.t.Helper()
	in.Name, in.Spec, in.CodeVersion = name, r.json(text), "recorded"
	run, err := r.c.ExecuteWorkflow(context.Background(), client.StartWorkflowOptions{ID: SweepID(name), TaskQueue: TaskQueue}, SweepWorkflow, in)
	if err != nil {
		r.t.Fatal(err)
	}
	return run
}

// name makes a scenario's sweep name new.
func (r *recorder) name(scenario string) string { return fmt.Sprintf("replay-%s-%d", scenario, r.seed) }

func (r *recorder) update(name, update string, args ...any) Progress {
	r.t.Helper()
	var p Progress
	handle, err := r.c.UpdateWorkflow(context.Background(), client.UpdateWorkflowOptions{
		WorkflowID: SweepID(name), UpdateName: update, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(context.Background(), &p)
	}
	if err != nil {
		r.t.Fatalf("update %s: %v", update, err)
	}
	return p
}

// until asks a sweep for its progress until it is as wanted.
func (r *recorder) until(name string, ok func(Progress) bool) Progress {
	r.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var p Progress
		v, err := r.c.QueryWorkflow(context.Background(), SweepID(name), "", QueryProgress)
		if err == nil && v.Get(&p) == nil && ok(p) {
			return p
		}
	}
	r.t.Fatal("the sweep did not come so far")
	return Progress{}
}

func (r *recorder) end(run client.WorkflowRun) {
	r.t.Helper()
	var result SweepResult
	if err := run.Get(context.Background(), &result); err != nil {
		r.t.Fatal(err)
	}
	r.t.Logf("%s: %s %v", run.GetID(), result.State, result.Counts)
}

// keep writes a workflow's history, and those of the histories that it continued as.
func (r *recorder) keep(file, id, runID string) {
	r.t.Helper()
	for n := 1; ; n++ {
		h, next := r.history(id, runID)
		b, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(h)
		if err != nil {
			r.t.Fatal(err)
		}
		path := filepath.Join("testdata", "replay", fmt.Sprintf("%s-%d.json", file, n))
		if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
			r.t.Fatal(err)
		}
		if runID = next; next == "" {
			return
		}
	}
}

func (r *recorder) history(id, runID string) (h *historypb.History, next string) {
	r.t.Helper()
	h = &historypb.History{}
	for events := r.c.GetWorkflowHistory(context.Background(), id, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		e, err := events.Next()
		if err != nil {
			r.t.Fatal(err)
		}
		h.Events = append(h.Events, e)
		if c := e.GetWorkflowExecutionContinuedAsNewEventAttributes(); c != nil {
			next = c.GetNewExecutionRunId()
		}
	}
	return h, next
}
