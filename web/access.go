package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// Access says who may do what. Without tokens everybody may do everything, which is for
// loopback only.
type Access struct {
	Tokens bool // demand one
	TLS    bool // readers come over TLS: cookies are for it alone
	Proxy  bool // a proxy in front tells who comes, in X-Forwarded-For and -Host; it speaks TLS
}

// visitor is who sent a request.
type visitor struct {
	Name  string // label of the token
	Scope store.Scope
	Token bool // came with a token
}

type visitorKey struct{}

func visitorOf(q *http.Request) visitor {
	v, _ := q.Context().Value(visitorKey{}).(visitor)
	return v
}

// mayWrite reports whether forms that change something are shown.
func mayWrite(q *http.Request) bool { return visitorOf(q).Scope.Covers(store.Writing) }

// cookie is what a browser that signed in sends. Under TLS its name binds it to this host.
func (s *Server) cookie() string {
	if s.options.Access.TLS {
		return "__Host-scalelaw"
	}
	return "scalelaw"
}

// secret is the token that a request brings; empty: none.
func (s *Server) secret(q *http.Request) string {
	if kind, rest, ok := strings.Cut(q.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "Bearer") {
		return strings.TrimSpace(rest)
	}
	if c, err := q.Cookie(s.cookie()); err == nil {
		return c.Value
	}
	return ""
}

// admit lets in who may do what a request asks for.
func (s *Server) admit(wanted store.Scope, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		who, err := s.visit(q)
		if err == nil && !who.Scope.Covers(wanted) {
			err = fmt.Errorf("%w: the token %q may only read; `scalelaw token create --scope writing` makes one that may write", errForbidden, who.Name)
		}
		q = q.WithContext(context.WithValue(q.Context(), visitorKey{}, who))
		switch {
		case err == nil:
			next.ServeHTTP(w, q)
		case errors.Is(err, errStranger) && !wantsJSON(q) && q.Method == http.MethodGet:
			signIn := "/sign-in?next=" + url.QueryEscape(q.URL.RequestURI())
			if q.Header.Get("HX-Request") != "" {
				w.Header().Set("HX-Redirect", signIn) // the whole page, not a part of it
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			http.Redirect(w, q, signIn, http.StatusSeeOther)
		default:
			s.refuse(w, q, err)
		}
	})
}

var (
	errStranger  = fmt.Errorf("%w: a token is needed, as `Authorization: Bearer TOKEN`; `scalelaw token create` makes one", sweep.ErrDenied)
	errForbidden = fmt.Errorf("%w", sweep.ErrDenied)
)

// visit tells who a request is from.
func (s *Server) visit(q *http.Request) (visitor, error) {
	if !s.options.Access.Tokens {
		return visitor{Name: "local", Scope: store.Writing}, nil
	}
	secret := s.secret(q)
	if secret == "" {
		return visitor{}, errStranger
	}
	t, err := s.backend.Authenticate(q.Context(), secret)
	switch {
	case err == nil:
		who := visitor{Name: t.Label, Scope: t.Scope, Token: true}
		s.known.put(secret, who)
		return who, nil
	case errors.Is(err, sweep.ErrUnreachable):
		if who, ok := s.known.get(secret); ok { // who was let in before sees what can be shown
			return who, nil
		}
		return visitor{}, err
	case errors.Is(err, sweep.ErrDenied):
		s.known.drop(secret)
		return visitor{}, fmt.Errorf("%w: %w", errStranger, err)
	}
	return visitor{}, err
}

// refuse answers with an error that the table knows.
func (s *Server) refuse(w http.ResponseWriter, q *http.Request, err error) {
	v := s.failure(q, err)
	if errors.Is(err, errStranger) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="scalelaw"`)
	}
	s.answer(w, q, v)
}
