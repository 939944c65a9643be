package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
)

// signInPage asks for a token.
type signInPage struct {
	Next  string `json:"next"` // where to go then
	Error string `json:"error,omitempty"`
}

// keepSignedIn is how long a browser keeps its token, at most.
const keepSignedIn = 30 * 24 * time.Hour

func (s *Server) signInForm(w http.ResponseWriter, q *http.Request) {
	s.answer(w, q, view{template: "signin", title: "Sign in", data: signInPage{Next: within(q.URL.Query().Get("next"))}})
}

// signIn makes a cookie of a token that was pasted into the form.
func (s *Server) signIn(w http.ResponseWriter, q *http.Request) {
	secret, next := strings.TrimSpace(q.PostFormValue("token")), within(q.PostFormValue("next"))
	t, err := s.backend.Authenticate(q.Context(), secret)
	row := store.AuditRow{Actor: t.Label, Source: "web", Action: "sign in", Outcome: store.Outcome(err), Address: client(q)}
	if err != nil {
		row.Detail = err.Error()
	}
	if recorded := s.backend.Audit(context.WithoutCancel(q.Context()), row); err == nil {
		err = recorded
	}
	switch {
	case errors.Is(err, sweep.ErrDenied):
		s.answer(w, q, view{template: "signin", title: "Sign in", data: signInPage{next, err.Error()}, status: http.StatusUnauthorized})
		return
	case err != nil:
		s.refuse(w, q, err)
		return
	}
	age := keepSignedIn
	if t.ExpiresAt != nil {
		age = min(age, time.Until(*t.ExpiresAt))
	}
	s.setCookie(w, secret, max(1, int(age.Seconds())))
	http.Redirect(w, q, next, http.StatusSeeOther)
}

func (s *Server) signOut(w http.ResponseWriter, q *http.Request) {
	s.known.drop(s.secret(q))
	s.setCookie(w, "", -1)
	http.Redirect(w, q, "/sign-in", http.StatusSeeOther)
}

func (s *Server) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie(), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.options.Access.TLS, SameSite: http.SameSiteLaxMode,
	})
}

// within is an address of this server; anything else becomes the first page.
func within(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}
