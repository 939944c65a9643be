package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestAuditIsReadInParts(t *testing.T) {
	s := open(t)
	for i := range 7 {
		must(t, s.Audit(ctx, AuditRow{Actor: "ada", Source: "web", Action: "pause", Target: fmt.Sprint("s", i%2), Outcome: Outcome(nil), RequestID: fmt.Sprint("r", i), Address: "127.0.0.1"}))
	}
	must(t, s.Audit(ctx, AuditRow{Actor: "bob", Source: "cli", Action: "cancel", Target: "s0", Outcome: Outcome(sweep.ErrNotFound), Detail: "no such sweep"}))
	var targets []string
	page := Page{Limit: 3}
	for parts := 0; ; parts++ {
		got, err := s.AuditRows(ctx, AuditFilter{Actor: "ada", Page: page})
		must(t, err)
		for _, r := range got.Rows {
			targets = append(targets, r.RequestID)
		}
		if page.After = got.Next; got.Next == "" {
			equal(t, "parts", parts, 2)
			break
		}
	}
	equal(t, "newest first", targets, []string{"r6", "r5", "r4", "r3", "r2", "r1", "r0"})
	for name, c := range map[string]struct {
		f    AuditFilter
		want int
	}{
		"all": {AuditFilter{}, 8}, "of bob": {AuditFilter{Actor: "bob"}, 1}, "target": {AuditFilter{Target: "s0"}, 5}, "action": {AuditFilter{Action: "pause"}, 7},
		"request": {AuditFilter{RequestID: "r3"}, 1}, "since": {AuditFilter{Since: time.Now().Add(time.Hour)}, 0},
	} {
		got, err := s.AuditRows(ctx, c.f)
		if err != nil || len(got.Rows) != c.want || got.Rows == nil {
			t.Errorf("%s: %d rows (%v), want %d", name, len(got.Rows), err, c.want)
		}
	}
	newest, err := s.AuditRows(ctx, AuditFilter{})
	must(t, err)
	if r := newest.Rows[0]; r.Outcome != "refused" || r.Detail != "no such sweep" || r.Source != "cli" || time.Since(r.At) > time.Minute {
		t.Errorf("%+v", r)
	}
	if _, err := s.AuditRows(ctx, AuditFilter{Page: Page{After: "%%"}}); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("a cursor that is none: %v", err)
	}
}

func TestAuditIsOnlyAddedTo(t *testing.T) {
	s := open(t)
	must(t, s.Audit(ctx, AuditRow{Actor: "ada", Source: "web", Action: "pause", Outcome: "done"}))
	for _, change := range []string{"update audit set actor = 'eve'", "delete from audit", "truncate audit"} {
		if _, err := s.exec(ctx, "change", change); err == nil || !strings.Contains(err.Error(), "only added to") {
			t.Errorf("%s: %v", change, err)
		}
	}
}

func TestOutcomes(t *testing.T) {
	for want, err := range map[string]error{"done": nil, "refused": fmt.Errorf("x: %w", sweep.ErrExists), "failed": sweep.ErrUnreachable} {
		equal(t, fmt.Sprint(err), Outcome(err), want)
	}
}
