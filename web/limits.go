package web

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxBody is how large a request may be: the largest sweep file that makes sense is some
	// hundred kilobytes.
	maxBody = 1 << 20

	// What one address may ask for, in the long run and at once. Sign-ins are rare and guessing
	// is not; changes are made by people; pages and their parts come in bursts.
	readsPerSecond, readsAtOnce     = 50, 500
	changesPerSecond, changesAtOnce = 2, 30
	signInsPerSecond, signInsAtOnce = 0.2, 5

	limitersAtMost = 10_000
)

// limits counts requests by address and kind.
type limits struct {
	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// wait is how long an address has to wait before a request of this kind; 0: it may go on.
func (l *limits) wait(kind, address string, perSecond rate.Limit, atOnce int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := kind + " " + address
	if l.all == nil || len(l.all) >= limitersAtMost {
		l.all = map[string]*rate.Limiter{} // who floods from many addresses makes us forgetful, not larger
	}
	one, ok := l.all[key]
	if !ok {
		one = rate.NewLimiter(perSecond, atOnce)
		l.all[key] = one
	}
	r := one.Reserve()
	if d := r.Delay(); d > 0 {
		r.Cancel()
		return d
	}
	return 0
}

// limited refuses requests that are too large or too many. Pages on loopback without tokens are
// for the machine's own user, who may read as fast as he likes.
func (s *Server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		q.Body = http.MaxBytesReader(w, q.Body, maxBody)
		var wait time.Duration
		switch {
		case q.Method == http.MethodPost && q.URL.Path == "/sign-in":
			wait = s.limits.wait("sign in", client(q), signInsPerSecond, signInsAtOnce)
		case !reads(q.Method) && q.URL.Path != draftPath:
			wait = s.limits.wait("change", client(q), changesPerSecond, changesAtOnce)
		case s.options.Access.Tokens:
			wait = s.limits.wait("read", client(q), readsPerSecond, readsAtOnce)
		}
		if wait > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(int(wait.Seconds())+1))
			s.refuse(w, q, fmt.Errorf("%w: try again in %d s", errTooMany, int(wait.Seconds())+1))
			return
		}
		next.ServeHTTP(w, q)
	})
}

// reads reports a method that changes nothing.
func reads(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
