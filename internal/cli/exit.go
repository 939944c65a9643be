package cli

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"

	"github.com/scalelaw/scalelaw/fit"
	"github.com/scalelaw/scalelaw/internal/datadir"
	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/migrations"
	"github.com/scalelaw/scalelaw/sweep"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailure     = 1
	exitBadInput    = 2
	exitRefused     = 3
	exitRunsFailed  = 4
	exitUnreachable = 5
)

var (
	errUsage      = errors.New("usage")
	errRefused    = errors.New("every fit was refused")
	errRunsFailed = errors.New("the sweep ended with failed or diverged runs")
	errSilent     = errors.New("said already") // wrapped by errors whose text was printed
)

// codes is the one table from errors to exit codes; the first row that an error wraps counts.
var codes = []struct {
	kind error
	code int
}{
	{errRunsFailed, exitRunsFailed},
	{sweep.ErrDiverged, exitRunsFailed},
	{errRefused, exitRefused},
	{errUsage, exitBadInput},
	{sweep.ErrUnreachable, exitUnreachable},
	{datadir.ErrHeld, exitUnreachable},
	{sweep.ErrBadInput, exitBadInput},
	{sweep.ErrDataMissing, exitBadInput},
	{sweep.ErrUnsupported, exitBadInput},
	{sweep.ErrNotFound, exitBadInput},
	{sweep.ErrExists, exitBadInput},
	{sweep.ErrNoDevice, exitBadInput},
	{sweep.ErrDeviceMemory, exitBadInput},
	{sweep.ErrDeviceBusy, exitUnreachable},
	{sweep.ErrDenied, exitBadInput},
	{fit.ErrInput, exitBadInput},
	{migrations.ErrNewer, exitBadInput},
	{migrations.ErrChanged, exitBadInput},
	{datadir.ErrVersion, exitBadInput},
	{pgembed.ErrNoBinaries, exitUnreachable},
}

func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	for _, c := range codes {
		if errors.Is(err, c.kind) {
			return c.code
		}
	}
	var unavailable *serviceerror.Unavailable
	if errors.As(err, &unavailable) {
		return exitUnreachable
	}
	return exitFailure
}

// usageError is a mistake in the command line; its text stands alone.
type usageError struct{ text string }

func (e usageError) Error() string        { return e.text }
func (e usageError) Is(target error) bool { return target == errUsage }

func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// silently wraps an error whose text the user has seen.
func silently(err error) error { return errors.Join(err, errSilent) }

// interrupted reports whether the user stopped us.
func interrupted(ctx context.Context) bool { return ctx.Err() != nil }
