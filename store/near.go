package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The ids on either side of what was written, in the order of ids.
const (
	nearRuns = "(select run from runs where run >= $1 order by run limit 1) union all (select run from runs where run < $1 order by run desc limit 1)"
	nearFits = "(select fit from fits where fit >= $1 order by fit limit 1) union all (select fit from fits where fit < $1 order by fit desc limit 1)"
)

// near names the ids that begin most like what was written: those that share half of its
// letters, and three at least. Where there is none it names the command that lists ids.
func (s *Store) near(ctx context.Context, written, query, list string) (string, error) {
	ids, err := read(ctx, s, "find ids near "+written, pgx.RowTo[string], query, written)
	if err != nil {
		return "", err
	}
	var all []string
	for _, id := range ids {
		if n := shared(id, written); n >= 3 && 2*n >= len(written) {
			all = append(all, id)
		}
	}
	if len(all) == 0 {
		return "`" + list + "` lists ids", nil
	}
	return fmt.Sprintf("did you mean %s?", strings.Join(all, " or ")), nil
}

// shared counts the letters that both begin with.
func shared(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
