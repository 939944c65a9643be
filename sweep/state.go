package sweep

// State is where a run, or a sweep, stands.
type State string

// The states of a run. Reused is said of a cell of a sweep whose run existed before it.
const (
	Planned   State = "planned"
	Queued    State = "queued"
	Running   State = "running"
	Paused    State = "paused"
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Diverged  State = "diverged"
	Cancelled State = "cancelled"
	Reused    State = "reused"
)

// States of a sweep alone.
const (
	BudgetReached State = "budget reached" // it waits for its gpu_hours limit to be raised
	Cancelling    State = "cancelling"     // it was cancelled; runs in flight have not stopped yet
)

// Final reports whether a run in this state will not change by itself any more.
func (s State) Final() bool {
	switch s {
	case Succeeded, Failed, Diverged, Cancelled, Reused:
		return true
	}
	return false
}
