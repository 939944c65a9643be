package store

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

func newToken(label string, scope Scope) Token {
	return Token{Label: label, Scope: scope, CreatedBy: "ada"}
}

func TestTokensLetTheirHolderIn(t *testing.T) {
	s := open(t)
	made, secret, err := s.CreateToken(ctx, newToken("notebook", Reading))
	must(t, err)
	random, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(random) != 32 {
		t.Errorf("the secret holds %d random bytes (%v)", len(random), err)
	}
	if n := count(t, s, "select count(*) from tokens t where position($1 in t::text) > 0", secret[len(secretPrefix):]); n != 0 {
		t.Error("the secret is in the database")
	}
	got, err := s.Authenticate(ctx, secret)
	if err != nil || got.ID != made.ID || got.Label != "notebook" || got.Scope != Reading {
		t.Errorf("%+v: %v", got, err)
	}
	equal(t, "uses noted", count(t, s, "select count(*) from tokens where last_used_at is not null"), 1)
	for _, wrong := range []string{"", "slaw_", secret + "x", secret[:len(secret)-1], strings.TrimPrefix(secret, secretPrefix)} {
		if _, err := s.Authenticate(ctx, wrong); !errors.Is(err, sweep.ErrDenied) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// The use of a token is noted once a minute, not with every request.
func TestUseOfTokensIsNotedSparingly(t *testing.T) {
	s := open(t)
	_, secret, err := s.CreateToken(ctx, newToken("a", Writing))
	must(t, err)
	used := func() time.Time {
		t.Helper()
		_, err := s.Authenticate(ctx, secret)
		must(t, err)
		all, err := s.Tokens(ctx, true)
		must(t, err)
		return *all[0].LastUsedAt
	}
	first := used()
	if again := used(); !again.Equal(first) {
		t.Errorf("noted again after %v", again.Sub(first))
	}
	_, err = s.exec(ctx, "age", "update tokens set last_used_at = last_used_at - interval '61 seconds'")
	must(t, err)
	if later := used(); !later.After(first) {
		t.Errorf("not noted after a minute: %v", later)
	}
}

func TestTokensEnd(t *testing.T) {
	s := open(t)
	soon := time.Now().Add(time.Hour)
	late := newToken("late", Writing)
	late.ExpiresAt = &soon
	_, expiring, err := s.CreateToken(ctx, late)
	must(t, err)
	made, revoked, err := s.CreateToken(ctx, newToken("leaked", Writing))
	must(t, err)
	_, err = s.Authenticate(ctx, expiring)
	must(t, err)
	_, err = s.exec(ctx, "age", "update tokens set expires_at = now() where label = 'late'")
	must(t, err)
	gone, err := s.RevokeToken(ctx, made.ID[:6], "bob")
	if err != nil || gone.RevokedBy != "bob" || gone.RevokedAt == nil {
		t.Errorf("revoked by id: %+v, %v", gone, err)
	}
	for secret, word := range map[string]string{expiring: "expired", revoked: "revoked"} {
		if _, err := s.Authenticate(ctx, secret); !errors.Is(err, sweep.ErrDenied) || !strings.Contains(err.Error(), word) {
			t.Errorf("a token that was %s: %v", word, err)
		}
	}
	n, err := s.TokensInForce(ctx)
	if err != nil || n != 0 {
		t.Errorf("%d tokens in force (%v)", n, err)
	}
	for inForce, want := range map[bool]int{true: 0, false: 2} {
		if all, err := s.Tokens(ctx, inForce); err != nil || len(all) != want {
			t.Errorf("in force %v: %d tokens (%v), want %d", inForce, len(all), err, want)
		}
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	s := open(t)
	past := time.Now().Add(-time.Second)
	_, _, err := s.CreateToken(ctx, newToken("taken", Reading))
	must(t, err)
	for _, c := range []struct {
		t    Token
		want error
		word string
	}{
		{newToken("", Reading), sweep.ErrBadInput, "label"},
		{newToken("a", "admin"), sweep.ErrBadInput, "admin"},
		{Token{Label: "a", Scope: Reading, CreatedBy: "ada", ExpiresAt: &past}, sweep.ErrBadInput, "past"},
		{newToken("taken", Writing), sweep.ErrExists, "revoke"},
	} {
		if _, _, err := s.CreateToken(ctx, c.t); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%+v: %v", c.t, err)
		}
	}
	if _, err := s.RevokeToken(ctx, "none", "bob"); !errors.Is(err, sweep.ErrNotFound) {
		t.Errorf("revoke none: %v", err)
	}
	_, err = s.RevokeToken(ctx, "taken", "bob")
	must(t, err)
	_, _, err = s.CreateToken(ctx, newToken("taken", Writing)) // the label is free again
	must(t, err)
}

func TestScopes(t *testing.T) {
	if !Writing.Covers(Reading) || !Writing.Covers(Writing) || !Reading.Covers(Reading) || Reading.Covers(Writing) || Scope("").Covers(Reading) {
		t.Error("writing covers reading, and nothing else more than itself")
	}
}
