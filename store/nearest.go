package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// nearestNames is how many names are offered for one that is unknown.
const nearestNames = 3

// NearestSweeps names the sweeps that were perhaps meant, the likeliest first: similar names
// among the newest ones. Edit distance is computed here: it needs no extension of Postgres, and
// there are few names.
func (s *Store) NearestSweeps(ctx context.Context, written string) ([]string, error) {
	names, err := read(ctx, s, "list sweeps", pgx.RowTo[string], "select name from sweeps order by created_at desc limit $1", MaxPage)
	if err != nil {
		return nil, err
	}
	var near []string
	for len(near) < nearestNames {
		best := sweep.Nearest(written, names)
		if best == "" {
			break
		}
		near = append(near, best)
		var rest []string
		for _, n := range names {
			if n != best {
				rest = append(rest, n)
			}
		}
		names = rest
	}
	return near, nil
}

// NearestRuns and NearestFits give the ids that share the longest beginning with one that is
// unknown, at least four digits: what was cut or mistyped later on.
func (s *Store) NearestRuns(ctx context.Context, written string) ([]string, error) {
	return s.nearestIDs(ctx, written, `
		(select run from runs where run >= $1 order by run limit $2) union (select run from runs where run < $1 order by run desc limit $2)`)
}

// NearestFits is NearestRuns for fits.
func (s *Store) NearestFits(ctx context.Context, written string) ([]string, error) {
	return s.nearestIDs(ctx, written, `
		(select fit from fits where fit >= $1 order by fit limit $2) union (select fit from fits where fit < $1 order by fit desc limit $2)`)
}

func (s *Store) nearestIDs(ctx context.Context, written, neighbours string) ([]string, error) {
	written = strings.ToLower(written)
	ids, err := read(ctx, s, fmt.Sprintf("look for ids like %.16s", written), pgx.RowTo[string], neighbours, written, nearestNames)
	if err != nil {
		return nil, err
	}
	for length := min(len(written), 64); length >= 4; length-- {
		var near []string
		for _, id := range ids {
			if strings.HasPrefix(id, written[:length]) {
				near = append(near, id)
			}
		}
		if len(near) > 0 {
			return near, nil
		}
	}
	return nil, nil
}
