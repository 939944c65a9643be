package workflows

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/sweep"
)

// SweepWorkflow runs a grid: plan -> a sliding window of RunWorkflows -> fits -> done. It
// listens to updates all the while, and continues as new before its history grows long.
func SweepWorkflow(ctx workflow.Context, in SweepInput) (SweepResult, error) {
	s := &sweeping{in: in, id: workflow.GetInfo(ctx).WorkflowExecution.ID, counts: map[sweep.State]int{}, joined: map[string]bool{}}
	work, _ := workflow.NewDisconnectedContext(ctx) // cancelling the workflow cancels the sweep in good order
	if err := s.begin(work); err != nil {
		return SweepResult{}, err
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil)
		s.cancel(work)
	})
	result, err := s.make(ctx, work)
	return result, s.giveUp(work, err)
}

// make gets every cell made, one by one or, of a batched trainer, all in one activity.
func (s *sweeping) make(ctx, work workflow.Context) (SweepResult, error) {
	if s.plan.Batched && !s.in.NoBatch {
		return s.finishBatched(work)
	}
	workflow.Go(work, s.listen)
	s.rejoinAll(work, s.inFlight)
	return s.loop(ctx, work)
}

// sweeping is a sweep while it runs.
type sweeping struct {
	in   SweepInput
	id   string // of this workflow
	plan activities.PlanResult

	page     []activities.Cell // read, not yet looked at
	next     int               // ordinal after the last one read
	inFlight []string          // run ids
	joined   map[string]bool   // those of them that this workflow is no parent of
	skip     []string          // run ids in flight when the scan began anew: their landing counts them
	seen     int               // cells before this ordinal have had their turn: they are only counted when final
	starting int               // children whose start is not confirmed
	counts   map[sweep.State]int
	seconds  float64  // of devices, by the runs that landed
	failing  []string // reasons, the latest few

	paused, cancelled bool
	rescan            bool // start over at the first cell: retry, or a run that was lost
	updating          int  // handlers under way
	laws              []activities.FitOutcome
	fitted            time.Time // when laws were computed
	dirty             bool      // something landed since
	recorded          sweep.State
}

// begin plans, or takes up what the run before continued with.
func (s *sweeping) begin(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, QueryProgress, func() (Progress, error) { return s.progress(), nil }); err != nil {
		return err
	}
	if r := s.in.Resume; r != nil {
		s.plan, s.next, s.inFlight, s.counts, s.seconds = r.Plan, r.Next, r.InFlight, r.Counts, r.DeviceSeconds
		s.paused, s.cancelled, s.rescan, s.failing = r.Paused, r.Cancelled, r.Rescan, r.Failing
		s.skip, s.seen = r.Skip, r.Seen
		if s.counts == nil {
			s.counts = map[sweep.State]int{}
		}
	} else if err := s.planIt(ctx, s.in.Spec); err != nil {
		return err
	}
	s.show(ctx)
	return s.setUpdates(ctx)
}

func (s *sweeping) planIt(ctx workflow.Context, spec []byte) error {
	in := activities.PlanInput{Name: s.in.Name, Spec: spec, CodeVersion: s.in.CodeVersion}
	var plan activities.PlanResult // a new one: JSON leaves in place what it does not mention
	err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.PlanSweep, in) }, &plan)
	if err == nil {
		s.plan = plan
	}
	return err
}

// loop launches what may be launched and waits for what changes that, to the end.
func (s *sweeping) loop(ctx, work workflow.Context) (SweepResult, error) {
	for {
		for s.mayLaunch() {
			if err := s.launchNext(work); err != nil {
				return SweepResult{}, err
			}
			if s.long(work) {
				break
			}
		}
		if s.ended() {
			result, err := s.finish(work)
			if err != nil || s.ended() {
				return result, err
			}
			continue // extended or retried while it was fitted
		}
		if s.long(work) {
			return SweepResult{}, s.continueAsNew(ctx, work)
		}
		s.record(work)
		s.liveFit(work)
		s.show(work)
		if err := workflow.Await(work, func() bool {
			return s.mayLaunch() || s.ended() || s.long(work) || s.liveFitDue(work) || s.unrecorded()
		}); err != nil {
			return SweepResult{}, err
		}
	}
}

// more reports whether cells are left to look at.
func (s *sweeping) more() bool { return len(s.page) > 0 || s.next < s.plan.Total || s.rescan }

func (s *sweeping) ended() bool {
	return len(s.inFlight) == 0 && s.starting == 0 && s.updating == 0 && (s.cancelled || !s.more())
}

func (s *sweeping) overBudget() bool {
	return s.plan.Limits.GPUHours > 0 && s.seconds >= s.plan.Limits.GPUHours*3600
}

func (s *sweeping) mayLaunch() bool {
	room := len(s.inFlight) < min(s.plan.Limits.Concurrency, sweep.MaxConcurrency)
	return room && !s.paused && !s.cancelled && !s.overBudget() && s.more()
}

// long reports that the history should be begun anew.
func (s *sweeping) long(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > cmp.Or(s.in.EventsPerRun, eventsPerRun)
}

// launchNext looks at the next cell; one whose run is done is only counted.
func (s *sweeping) launchNext(ctx workflow.Context) error {
	if s.rescan {
		s.page, s.next, s.counts, s.rescan = nil, 0, map[sweep.State]int{}, false
		s.skip = slices.Clone(s.inFlight)
	}
	if len(s.page) == 0 {
		in := activities.CellsInput{Sweep: s.in.Name, From: s.next, Limit: pageSize}
		if err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.NextCells, in) }, &s.page); err != nil {
			return err
		}
		if len(s.page) == 0 {
			s.next = s.plan.Total
			return nil
		}
		s.next = s.page[len(s.page)-1].Ordinal + 1
	}
	cell := s.page[0]
	s.page = s.page[1:]
	switch {
	case slices.Contains(s.inFlight, cell.RunID), slices.Contains(s.skip, cell.RunID):
	case s.done(cell):
		s.counts[cell.State]++
	default:
		s.inFlight = append(s.inFlight, cell.RunID)
		s.starting++ // here, not in launch: a history that ends before launch begins would lose the cell
		workflow.Go(ctx, func(ctx workflow.Context) { s.launch(ctx, cell) })
	}
	return nil
}

// done reports whether a cell needs no launch.
func (s *sweeping) done(cell activities.Cell) bool {
	return cell.State == sweep.Succeeded || cell.State == sweep.Diverged && !s.in.RetryDiverged ||
		cell.Ordinal < s.seen && cell.State.Final()
}

// launch starts a cell's RunWorkflow and waits for its end; one that runs already, for
// another sweep, is joined.
func (s *sweeping) launch(ctx workflow.Context, cell activities.Cell) {
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, s.childOptions(cell)), RunWorkflow,
		RunInput{RunID: cell.RunID, Sweep: s.id, Tasks: s.plan.Tasks, Attempts: s.plan.Limits.Attempts, Pages: s.in.Pages})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	s.starting--
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		s.rejoin(ctx, cell.RunID)
		return
	}
	var result RunResult
	if err == nil {
		if how := s.how(); how != sweep.Running {
			s.want(ctx, cell.RunID, how)
		}
		err = child.Get(ctx, &result)
	}
	s.land(cell.RunID, outcomeOf(result, err))
}

func (s *sweeping) childOptions(cell activities.Cell) workflow.ChildWorkflowOptions {
	return workflow.ChildWorkflowOptions{
		WorkflowID:            RunID(cell.RunID),
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         cell.Model + " on " + cell.Data + ", " + sweep.WriteCount(cell.SamplesSeen) + " samples",
		StaticDetails:         strings.TrimSpace(linkTo(s.in.Pages, "Its page", "/runs/"+cell.RunID)),
		Memo:                  map[string]any{"run": cell.RunID, "sweep": s.in.Name},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeSweep.ValueSet(s.in.Name), AttributeRun.ValueSet(cell.RunID), AttributeModel.ValueSet(cell.Model),
			AttributeData.ValueSet(cell.Data), AttributeSamplesSeen.ValueSet(cell.SamplesSeen), AttributeTrainer.ValueSet(s.plan.Trainer),
		),
	}
}

// outcomeOf reads a RunWorkflow's end.
func outcomeOf(result RunResult, err error) RunResult {
	var failure *temporal.ApplicationError
	var cancelled *temporal.CanceledError
	switch {
	case err == nil:
		return result
	case errors.As(err, &cancelled):
		if cancelled.Details(&result) != nil {
			result = RunResult{}
		}
		result.State = sweep.Cancelled
		return result
	case errors.As(err, &failure) && failure.HasDetails() && failure.Details(&result) == nil:
		return result
	}
	return RunResult{State: sweep.Failed, Reason: err.Error()}
}

// rejoin asks a run that this workflow is no parent of to tell its outcome. When its workflow
// is over, Postgres knows how it ended.
func (s *sweeping) rejoin(ctx workflow.Context, id string) {
	s.joined[id] = true
	how := s.how()
	if s.want(ctx, id, how) == nil && how != sweep.Cancelled {
		return // its outcome will come as a signal
	}
	var found activities.RunOutcome
	err := try(ctx, shortTries, func() workflow.Future { return workflow.ExecuteActivity(short(ctx), a.ReadRun, id) }, &found)
	switch {
	case err != nil:
		s.land(id, RunResult{State: sweep.Failed, Reason: err.Error()})
	case found.State.Final() || how == sweep.Cancelled:
		s.land(id, RunResult{State: found.State, Reason: found.Reason})
	default: // its workflow ended without a word: somebody terminated it
		s.lose(id)
	}
}

// rejoinAll asks several.
func (s *sweeping) rejoinAll(ctx workflow.Context, ids []string) {
	for _, id := range slices.Clone(ids) {
		workflow.Go(ctx, func(ctx workflow.Context) { s.rejoin(ctx, id) })
	}
}

// how is how this sweep wants its runs now.
func (s *sweeping) how() sweep.State {
	switch {
	case s.cancelled:
		return sweep.Cancelled
	case s.paused:
		return sweep.Paused
	}
	return sweep.Running
}

// lose gives a cell another turn. The others before it have had theirs, unless a retry asks
// for them.
func (s *sweeping) lose(id string) {
	if !s.drop(id) {
		return
	}
	if !s.rescan {
		s.seen = max(s.seen, s.upNext())
	}
	s.rescan = true
}

// upNext is the ordinal of the next cell to look at.
func (s *sweeping) upNext() int {
	if len(s.page) > 0 {
		return s.page[0].Ordinal
	}
	return s.next
}

// want tells a run how this sweep wants it.
func (s *sweeping) want(ctx workflow.Context, id string, how sweep.State) error {
	return workflow.SignalExternalWorkflow(ctx, RunID(id), "", signalWant, Want{Sweep: s.id, How: how, Tell: true}).Get(ctx, nil)
}

// listen hears the outcomes of runs that this workflow is no parent of. It waits without
// receiving, so that continueAsNew finds whatever came.
func (s *sweeping) listen(ctx workflow.Context) {
	inbox := workflow.GetSignalChannel(ctx, signalOutcome)
	for workflow.Await(ctx, func() bool { return inbox.Len() > 0 }) == nil {
		s.drain(inbox)
	}
}

// drain takes in every outcome that has come.
func (s *sweeping) drain(inbox workflow.ReceiveChannel) {
	for o := (Outcome{}); inbox.ReceiveAsync(&o); o = (Outcome{}) {
		s.land(o.RunID, o.RunResult)
	}
}

func (s *sweeping) drop(id string) bool {
	i := slices.Index(s.inFlight, id)
	if i >= 0 {
		s.inFlight = slices.Delete(s.inFlight, i, i+1)
		delete(s.joined, id)
	}
	return i >= 0
}

// land counts a run's end, once however often it is told.
func (s *sweeping) land(id string, r RunResult) {
	if !s.drop(id) {
		return
	}
	s.counts[r.State]++
	s.seconds += r.DeviceSeconds
	s.dirty = true
	if r.State == sweep.Failed || r.State == sweep.Diverged {
		const few = 5
		s.failing = append(s.failing, id[:min(8, len(id))]+" "+string(r.State)+": "+r.Reason)
		s.failing = s.failing[max(0, len(s.failing)-few):]
	}
}
