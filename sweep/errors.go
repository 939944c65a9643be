package sweep

import "errors"

// The kinds of failure that the program tells apart. Each has one row in the tables of
// exit codes (internal/cli) and of retry rules (activities).
var (
	ErrBadInput    = errors.New("bad input")
	ErrNotFound    = errors.New("not found")
	ErrExists      = errors.New("exists already")
	ErrDiverged    = errors.New("diverged")
	ErrOutOfMemory = errors.New("out of memory")
	ErrDataMissing = errors.New("data missing")
	ErrNoSpace     = errors.New("no space left")
	ErrUnreachable = errors.New("cannot be reached")
	ErrSuperseded  = errors.New("superseded by a later attempt")
	ErrUnsupported = errors.New("not supported")
	ErrDenied      = errors.New("access denied")

	ErrNoDevice     = errors.New("no usable device")               // on this host; on another, perhaps
	ErrDeviceBusy   = errors.New("device in use")                  // by another process
	ErrDeviceLost   = errors.New("device lost")                    // in mid-run
	ErrDeviceMemory = errors.New("does not fit the device memory") // with this batch
	ErrInternal     = errors.New("internal error")                 // ours to mend
)
