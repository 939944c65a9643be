package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/store"
)

func (a *app) tokenCommand() *cobra.Command {
	return group("token", "Who may use the web interface", a.tokenCreateCommand(), a.tokenListCommand(), a.tokenRevokeCommand())
}

func (a *app) tokenCreateCommand() *cobra.Command {
	var t store.Token
	var expires string
	c := &cobra.Command{
		Use: "create --label TEXT", Short: "Make a token; it is shown once", Args: exactly(),
		Long:    "Makes a token and shows it once: the database keeps only its sha256. Its holder sends it as `Authorization: Bearer TOKEN`, or pastes it into the sign-in page.",
		Example: "  scalelaw token create --label notebook\n  scalelaw token create --label ci --scope writing --expires 30d",
		RunE: func(c *cobra.Command, _ []string) error {
			if t.Label == "" {
				return usage("--label is needed: it says what the token is for, and stands in the audit beside what was done with it")
			}
			var err error
			if t.ExpiresAt, err = expiry(expires, time.Now()); err != nil {
				return err
			}
			t.CreatedBy = a.author("")
			return a.withStore(c.Context(), "token create", func(s *session) error { return s.createToken(c.Context(), t) })
		},
	}
	c.Flags().StringVar(&t.Label, "label", "", "what it is for")
	c.Flags().StringVar((*string)(&t.Scope), "scope", string(store.Reading), "reading, or writing (which reads, too)")
	c.Flags().StringVar(&expires, "expires", "90d", "days as 90d, a time as 12h, a date as 2027-06-30, or never")
	return c
}

// createdToken is a token with its secret, which is shown this once.
type createdToken struct {
	store.Token
	Secret string `json:"secret"`
}

func (s *session) createToken(ctx context.Context, t store.Token) error {
	var made createdToken
	err := s.audited(ctx, "token create", t.Label, string(t.Scope), func() (err error) {
		made.Token, made.Secret, err = s.store.CreateToken(ctx, t)
		return err
	})
	if err != nil {
		return err
	}
	s.app.say("keep the secret: it is not shown again")
	table := &table{}
	table.add("secret", made.Secret)
	table.add("token", made.ID)
	table.add("label", made.Label)
	table.add("scope", made.Scope)
	table.add("expires", orNever(made.ExpiresAt))
	return s.app.print(made, table)
}

// expiry reads when a token ends; nil: never.
func expiry(text string, now time.Time) (*time.Time, error) {
	if text == "never" {
		return nil, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 {
			end := now.AddDate(0, 0, n)
			return &end, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		end := now.Add(d)
		return &end, nil
	}
	if end, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return &end, nil
	}
	return nil, usage("--expires is %q; it is days as 90d, a time as 12h, a date as 2027-06-30, or never", text)
}

func (a *app) tokenListCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "list", Short: "Tokens in force, with their last use", Example: "  scalelaw token list --all", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), "token list", func(s *session) error {
				tokens, err := s.store.Tokens(c.Context(), !all)
				if err != nil {
					return err
				}
				return a.print(tokens, tokenTable(tokens))
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "expired and revoked ones, too")
	return c
}

func tokenTable(tokens []store.Token) *table {
	t := &table{header: []string{"token", "label", "scope", "created", "by", "last used", "expires", "revoked", "by"}}
	for _, k := range tokens {
		t.add(k.ID, k.Label, k.Scope, k.CreatedAt, k.CreatedBy, orNever(k.LastUsedAt), orNever(k.ExpiresAt), orNever(k.RevokedAt), k.RevokedBy)
	}
	return t
}

// orNever is a time, or the word for none.
func orNever(t *time.Time) any {
	if t == nil {
		return "never"
	}
	return *t
}

func (a *app) tokenRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "revoke TOKEN", Short: "Withdraw a token: it lets nobody in from now on", Args: exactly("a token's label, or its id or the id's beginning"),
		Example: "  scalelaw token revoke notebook",
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), "token revoke", func(s *session) error { return s.revokeToken(c.Context(), args[0]) })
		},
	}
}

func (s *session) revokeToken(ctx context.Context, labelOrID string) error {
	var gone store.Token
	err := s.audited(ctx, "token revoke", labelOrID, "", func() (err error) {
		gone, err = s.store.RevokeToken(ctx, labelOrID, s.app.author(""))
		return err
	})
	if err != nil {
		return err
	}
	return s.app.print(gone, tokenTable([]store.Token{gone}))
}
