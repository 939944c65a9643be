package web

import (
	"context"
	"sync"
	"time"
)

// outages knows since when the servers behind the pages cannot be reached.
type outages struct {
	mu                 sync.Mutex
	database, temporal time.Time // zero: it is there
}

const (
	lookEvery  = 2 * time.Second
	lookWithin = 3 * time.Second
)

// watch asks the servers, until ctx is over.
func (o *outages) watch(ctx context.Context, reach func(context.Context) (database, temporal error)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		within, cancel := context.WithTimeout(ctx, lookWithin)
		database, temporal := reach(within)
		cancel()
		if ctx.Err() != nil {
			return
		}
		o.found(database, temporal, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// found takes in how the servers answered.
func (o *outages) found(database, temporal error, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.database, o.temporal = since(o.database, database, now), since(o.temporal, temporal, now)
}

// since is when a loss began.
func since(was time.Time, err error, now time.Time) time.Time {
	switch {
	case err == nil:
		return time.Time{}
	case was.IsZero():
		return now
	}
	return was
}

// databaseLost is since when the database is away; zero: it is there.
func (o *outages) databaseLost() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.database
}

// notices say what is lost and what that means.
func (o *outages) notices() []notice {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []notice
	if !o.database.IsZero() {
		all = append(all, notice{Kind: "lost", Text: "The database cannot be reached since", At: o.database,
			Then: "What is shown is what was last read; runs go on and are recorded when it is back. This page follows by itself."})
	}
	if !o.temporal.IsZero() {
		all = append(all, notice{Kind: "lost", Text: "Temporal cannot be reached since", At: o.temporal,
			Then: "Everything can be looked at; nothing can be started, paused or retried until it is back."})
	}
	return all
}
