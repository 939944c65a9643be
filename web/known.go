package web

import (
	"crypto/sha256"
	"sync"
	"time"
)

// known remembers who was let in lately, so that a lost database locks nobody out of what can
// still be shown. It is asked only then: a token that is revoked lets nobody in from that moment.
type known struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]admitted
}

type admitted struct {
	who visitor
	at  time.Time
}

const (
	knownAtMost = 1000
	knownFor    = 30 * time.Minute
)

func (k *known) put(secret string, who visitor) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= knownAtMost {
		k.all = map[[sha256.Size]byte]admitted{}
	}
	k.all[sha256.Sum256([]byte(secret))] = admitted{who, time.Now()}
}

func (k *known) get(secret string) (visitor, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.all[sha256.Sum256([]byte(secret))]
	return a.who, ok && time.Since(a.at) < knownFor
}

func (k *known) drop(secret string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, sha256.Sum256([]byte(secret)))
}
