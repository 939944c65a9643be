package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// While the database is lost, people see what was last read and since when; programs are told;
// all is as before when it is back.
func TestLostDatabase(t *testing.T) {
	d := aStudy()
	s, err := New(d, Options{Log: discard()})
	if err != nil {
		t.Fatal(err)
	}
	h := s.Handler()
	if w := get(h, "/sweeps/s"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "banner") && strings.Contains(w.Body.String(), "as of") {
		t.Fatalf("%d", w.Code)
	}
	d.lost = fmt.Errorf("read: Postgres %w", sweep.ErrUnreachable)
	if w := get(h, "/sweeps/s"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "This page is as of") {
		t.Errorf("before anybody noticed: %d %s", w.Code, w.Body)
	}
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s.outages.found(d.lost, nil, began)
	s.outages.found(d.lost, errors.New("away"), began.Add(time.Minute))
	page := get(h, "/sweeps/s").Body.String()
	contains(t, "page", page, "The database cannot be reached since", "2026-01-02T03:04:05Z", "Temporal cannot be reached since", "2026-01-02T03:05:05Z", "This page is as of", "34.2 %", "every 3s")
	if w := get(h, "/sweeps/other"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "since") {
		t.Errorf("a page that was not read before: %d", w.Code)
	}
	if w := get(h, "/sweeps/s", "Accept", "application/json"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a program: %d", w.Code)
	}
	if w := get(h, "/status?old=2026-01-02T03:04:05Z"); w.Header().Get("HX-Refresh") != "" || !strings.Contains(w.Body.String(), "cannot be reached") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	d.lost = nil
	s.outages.found(nil, nil, began.Add(time.Hour))
	if w := get(h, "/status?old=2026-01-02T03:04:05Z"); w.Header().Get("HX-Refresh") != "true" {
		t.Errorf("a page with old data is not read anew: %v", w.Header())
	}
	if w := get(h, "/status"); w.Header().Get("HX-Refresh") != "" || strings.Contains(w.Body.String(), "cannot") || strings.Contains(w.Body.String(), "every") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if page := get(h, "/sweeps/s").Body.String(); strings.Contains(page, "as of") {
		t.Error("old data after all is well")
	}
}

func TestWatchAsksAgain(t *testing.T) {
	var o outages
	ctx, cancel := context.WithCancel(context.Background())
	asked := 0
	o.watch(ctx, func(within context.Context) (error, error) {
		if _, bounded := within.Deadline(); !bounded {
			t.Error("a server that does not answer would be waited for without end")
		}
		asked++
		if asked == 2 {
			cancel()
		}
		return sweep.ErrUnreachable, nil
	})
	if asked != 2 || o.databaseLost().IsZero() {
		t.Errorf("asked %d times; lost since %v", asked, o.databaseLost())
	}
}

func TestKeptIsBounded(t *testing.T) {
	var k kept
	for i := range 20 {
		k.keep(fmt.Sprint(i), view{title: fmt.Sprint(i)}, keptBytes/8, time.Now())
	}
	if k.bytes > keptBytes || len(k.all) != 8 || len(k.order) != 8 {
		t.Errorf("%d bytes, %d of %d", k.bytes, len(k.all), len(k.order))
	}
	if _, ok := k.last("0"); ok {
		t.Error("the oldest is kept")
	}
	v, ok := k.last("19")
	if !ok || v.title != "19" || v.asOf.IsZero() {
		t.Errorf("%+v", v)
	}
	k.keep("19", view{title: "new"}, 1, time.Now())
	if v, _ := k.last("19"); v.title != "new" || len(k.all) != 8 {
		t.Errorf("%+v, %d", v, len(k.all))
	}
	k.keep("large", view{}, keptBytes, time.Now())
	if _, ok := k.last("large"); ok {
		t.Error("one page takes all the room")
	}
}
