package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/store"
)

func TestTokenVerbs(t *testing.T) {
	w := emptyWorld(t)
	made := decode[createdToken](t, succeeds(t, w.getenv, "token", "create", "--label", "ci", "--scope", "writing", "-o", "json").out)
	if !strings.HasPrefix(made.Secret, "slaw_") || made.Scope != store.Writing || made.ExpiresAt == nil {
		t.Errorf("%+v", made)
	}
	got, err := w.store.Authenticate(ctx, made.Secret)
	must(t, err)
	equal(t, "label", got.Label, "ci")
	list := succeeds(t, w.getenv, "token", "list")
	has(t, "list", list.out, made.ID, "ci", "writing")
	if strings.Contains(list.out, made.Secret) {
		t.Error("the list shows the secret")
	}
	fails(t, w.getenv, exitBadInput, []string{"exists already"}, "token", "create", "--label", "ci")
	has(t, "revoke", succeeds(t, w.getenv, "token", "revoke", "ci").out, made.ID)
	equal(t, "in force", succeeds(t, w.getenv, "token", "list", "-o", "json").out, "[]\n")
	equal(t, "all", len(decode[[]store.Token](t, succeeds(t, w.getenv, "token", "list", "--all", "-o", "json").out)), 1)
	fails(t, w.getenv, exitBadInput, []string{"not found", "token list"}, "token", "revoke", "ci")
	fails(t, w.getenv, exitBadInput, []string{"--label is needed"}, "token", "create")
	fails(t, w.getenv, exitBadInput, []string{"90d"}, "token", "create", "--label", "x", "--expires", "soon")
	fails(t, w.getenv, exitBadInput, []string{"admin"}, "token", "create", "--label", "x", "--scope", "admin")
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"30d": now.AddDate(0, 0, 30), "12h": now.Add(12 * time.Hour), "2027-06-30": time.Date(2027, 6, 30, 0, 0, 0, 0, time.Local),
	} {
		if got, err := expiry(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v (%v), want %v", text, got, err, want)
		}
	}
	if got, err := expiry("never", now); got != nil || err != nil {
		t.Errorf("never: %v, %v", got, err)
	}
	for _, text := range []string{"", "0d", "-1h", "d", "2027-13-01"} {
		if _, err := expiry(text, now); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// What verbs change is on the record: who, what, of what, and how it ended.
func TestVerbsAreAudited(t *testing.T) {
	w := newWorld(t)
	run := w.runs[0].ID
	getenv := func(name string) string {
		if name == "USER" {
			return "ada"
		}
		return w.getenv(name)
	}
	succeeds(t, getenv, "exclude", run[:12], "--reason", "a broken shard")
	succeeds(t, getenv, "include", run[:12])
	fails(t, getenv, exitBadInput, nil, "include", run[:12])
	succeeds(t, getenv, "delete", "quickstart", "--yes")
	got := decode[store.Listed[store.AuditRow]](t, succeeds(t, getenv, "audit", "--actor", "ada", "-o", "json").out)
	var lines []string
	for _, r := range got.Rows {
		lines = append(lines, strings.Join([]string{r.Source, r.Action, r.Target, r.Outcome}, " "))
	}
	equal(t, "newest first", lines, []string{"cli delete quickstart done", "cli include " + run + " refused", "cli include " + run + " done", "cli exclude " + run + " done"})
	has(t, "detail", got.Rows[3].Detail, "a broken shard")
	part := succeeds(t, getenv, "audit", "--limit", "1")
	has(t, "more", part.err, "--after ")
	_, cursor, _ := strings.Cut(strings.TrimSpace(part.err), "--after ")
	has(t, "the next part", succeeds(t, getenv, "audit", "--limit", "1", "--after", cursor).out, "include")
	fails(t, getenv, exitBadInput, []string{"--limit"}, "audit", "--limit", "0")
}
