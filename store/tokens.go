package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/scalelaw/scalelaw/sweep"
)

// Scope is what a token lets its holder do.
type Scope string

// Reading looks only; Writing reads and writes.
const (
	Reading Scope = "reading"
	Writing Scope = "writing"
)

// Covers tells whether a holder of s may do what wanted asks for.
func (s Scope) Covers(wanted Scope) bool { return s == wanted || s == Writing && wanted == Reading }

// Token is a right to use the web interface. What its holder sends is not stored: only its
// sha256 is. A plain hash is enough here and a slow one (bcrypt, argon2) would add nothing:
// those make guessing passwords expensive, and 256 random bits cannot be guessed.
type Token struct {
	ID         string     `json:"token"` // beginning of the hash
	Label      string     `json:"label"`
	Scope      Scope      `json:"scope"`
	CreatedBy  string     `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"` // to a minute
	ExpiresAt  *time.Time `json:"expires_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
	RevokedBy  string     `json:"revoked_by,omitempty"`
}

// secretPrefix lets scanners for leaked secrets know ours.
const secretPrefix = "slaw_"

// tokenID is the id of a secret, and hash what is stored of it.
func tokenID(secret string) (id, hash string) {
	sum := sha256.Sum256([]byte(secret))
	hash = hex.EncodeToString(sum[:])
	return hash[:12], hash
}

// CreateToken makes a token from t's Label, Scope, CreatedBy and ExpiresAt (nil: it does not
// expire). The secret is given here and never again. A label that a token in force has is
// sweep.ErrExists.
func (s *Store) CreateToken(ctx context.Context, t Token) (made Token, secret string, err error) {
	switch {
	case t.Label == "" || t.CreatedBy == "":
		return made, "", fmt.Errorf("create token: %w: a token has a label and somebody who makes it", sweep.ErrBadInput)
	case t.Scope != Reading && t.Scope != Writing:
		return made, "", fmt.Errorf("create token %q: %w: scope %q is neither %s nor %s", t.Label, sweep.ErrBadInput, t.Scope, Reading, Writing)
	case t.ExpiresAt != nil && !t.ExpiresAt.After(time.Now()):
		return made, "", fmt.Errorf("create token %q: %w: it would expire at %s, which is past", t.Label, sweep.ErrBadInput, t.ExpiresAt.Format(time.RFC3339))
	}
	random := make([]byte, 32)
	rand.Read(random) // never fails
	secret = secretPrefix + base64.RawURLEncoding.EncodeToString(random)
	id, hash := tokenID(secret)
	found, err := read(ctx, s, "create token "+t.Label, scanToken, `
		insert into tokens (token, sha256, label, scope, created_by, expires_at) values ($1, $2, $3, $4, $5, $6)
		returning `+tokenColumns, id, hash, t.Label, t.Scope, t.CreatedBy, t.ExpiresAt)
	var taken *pgconn.PgError
	if errors.As(err, &taken) && taken.ConstraintName == "tokens_label_once" {
		return made, "", fmt.Errorf("token %q: %w: `scalelaw token revoke` it first, or choose another label", t.Label, sweep.ErrExists)
	}
	if err != nil {
		return made, "", err
	}
	return found[0], secret, nil
}

const tokenColumns = "token, label, scope, created_by, created_at, last_used_at, expires_at, revoked_at, revoked_by"

func scanToken(row pgx.CollectableRow) (t Token, err error) {
	err = row.Scan(&t.ID, &t.Label, &t.Scope, &t.CreatedBy, &t.CreatedAt, &t.LastUsedAt, &t.ExpiresAt, &t.RevokedAt, &t.RevokedBy)
	return t, err
}

// Authenticate gives the token that a secret is of, and notes its use, at most once a minute.
// A secret that is unknown, expired or revoked is sweep.ErrDenied. Looking it up by its hash
// takes no longer for one that nearly fits: the hash tells nothing about the secret.
func (s *Store) Authenticate(ctx context.Context, secret string) (Token, error) {
	_, hash := tokenID(secret)
	found, err := read(ctx, s, "look up a token", scanToken, "select "+tokenColumns+" from tokens where sha256 = $1", hash)
	if err != nil {
		return Token{}, err
	}
	if len(found) == 0 {
		return Token{}, fmt.Errorf("%w: no such token; `scalelaw token create` makes one", sweep.ErrDenied)
	}
	t, now := found[0], time.Now()
	switch {
	case t.RevokedAt != nil:
		return Token{}, fmt.Errorf("%w: token %s was revoked on %s", sweep.ErrDenied, t.ID, t.RevokedAt.UTC().Format(time.DateTime))
	case t.ExpiresAt != nil && !now.Before(*t.ExpiresAt):
		return Token{}, fmt.Errorf("%w: token %s expired on %s", sweep.ErrDenied, t.ID, t.ExpiresAt.UTC().Format(time.DateTime))
	case t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= time.Minute:
		_, err = s.exec(ctx, "note the use of token "+t.ID, "update tokens set last_used_at = now() where token = $1", t.ID)
	}
	return t, err
}

// TokensInForce counts the tokens that let somebody in now.
func (s *Store) TokensInForce(ctx context.Context) (n int, err error) {
	err = s.pool.QueryRow(ctx, "select count(*) from tokens where revoked_at is null and (expires_at is null or expires_at > now())").Scan(&n)
	return n, wrap("count tokens", err)
}

// Tokens lists tokens, newest first: all, or those that are in force.
func (s *Store) Tokens(ctx context.Context, inForce bool) ([]Token, error) {
	return read(ctx, s, "list tokens", scanToken, "select "+tokenColumns+` from tokens
		where not $1 or revoked_at is null and (expires_at is null or expires_at > now()) order by created_at desc, token limit $2`, inForce, MaxPage)
}

// RevokeToken withdraws the token in force with this label, or whose id begins so. From then on
// it lets nobody in.
func (s *Store) RevokeToken(ctx context.Context, labelOrID, by string) (Token, error) {
	found, err := read(ctx, s, "find token "+labelOrID, scanToken, "select "+tokenColumns+` from tokens
		where revoked_at is null and (label = $1 or length($1) >= 4 and starts_with(token, $1)) order by label = $1 desc limit 2`, labelOrID)
	switch {
	case err != nil:
		return Token{}, err
	case len(found) == 0:
		return Token{}, fmt.Errorf("token %q: %w; `scalelaw token list` names those that are there", labelOrID, sweep.ErrNotFound)
	case len(found) == 2 && found[0].Label != labelOrID:
		return Token{}, fmt.Errorf("token %q: %w: it begins several ids", labelOrID, sweep.ErrBadInput)
	}
	gone, err := read(ctx, s, "revoke token "+found[0].ID, scanToken, `
		update tokens set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(nullif(revoked_by, ''), $2) where token = $1 returning `+tokenColumns, found[0].ID, by)
	if err != nil {
		return Token{}, err
	}
	return gone[0], nil
}
