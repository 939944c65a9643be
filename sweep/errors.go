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
)
