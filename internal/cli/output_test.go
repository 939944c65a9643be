package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestDurations(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0 s", 0.4: "0 s", 59.4: "59 s", 59.7: "1 min 00 s", 61: "1 min 01 s", 3599.6: "1 h 00 min", 3661: "1 h 01 min",
		100 * 3600: "4 days", 240 * 3600: "10 days", -1: "?", math.NaN(): "?", math.Inf(1): "?",
	} {
		if got := duration(seconds); got != want {
			t.Errorf("%g seconds: %q, want %q", seconds, got, want)
		}
	}
}

func TestCounts(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1K", 1024: "1.024K", 128_000: "128K", 1_500_000: "1.5M", 13_000_000_000: "13B",
		2_443_992_504: "2443992504", 1_000_500: "1000500",
	} {
		if got := sweep.WriteCount(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// People and programs read the same cells differently.
func TestCells(t *testing.T) {
	third, word, yes := 1.0/3, "word", true
	long := "0123456789abcdef0123456789abcdef"
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	for _, c := range []struct {
		value         any
		people, exact string
	}{
		{third, "0.3333", "0.3333333333333333"},
		{&third, "0.3333", "0.3333333333333333"},
		{(*float64)(nil), "-", ""}, {(*string)(nil), "-", ""}, {(*bool)(nil), "unknown", ""}, {nil, "-", ""},
		{&word, "word", "word"}, {&yes, "yes", "true"}, {false, "no", "false"},
		{id(long), "0123456789ab", long}, {id("short"), "short", "short"},
		{seconds(90), "1 min 30 s", "90"}, {samples(128_000), "128K", "128000"},
		{memorySize(5_638_664), "5.4 MiB", "5638664"}, {memorySize(3 << 30), "3.0 GiB", "3221225472"},
		{at, at.Local().Format(time.DateTime), "2026-05-04T03:02:01Z"}, {time.Time{}, "-", ""},
		{"two\nlines\tand \x1b[31mred", "two lines and  [31mred", "two\nlines\tand \x1b[31mred"},
	} {
		if got := cell(c.value); got != c.people {
			t.Errorf("%v for people: %q, want %q", c.value, got, c.people)
		}
		if got := exact(c.value); got != c.exact {
			t.Errorf("%v for programs: %q, want %q", c.value, got, c.exact)
		}
	}
}

func TestTable(t *testing.T) {
	full := &table{header: []string{"run", "GMACs", "icons-test/top1_error"}}
	full.add(id("0123456789abcdef"), 0.123456789, "a,b")
	full.add("x", 1e9, (*float64)(nil))
	bare := &table{}
	bare.add("data", "icons-6k")
	for _, c := range []struct {
		table  *table
		output string
		want   string
	}{
		{full, "table", "RUN           GMACS   icons-test/top1_error\n0123456789ab  0.1235  a,b\nx             1e+09   -\n"},
		{full, "csv", "run,GMACs,icons-test/top1_error\n0123456789abcdef,0.123456789,\"a,b\"\nx,1e+09,\n"},
		{full, "json", "{\n  \"a\": 1\n}\n"},
		{bare, "table", "data  icons-6k\n"},
		{bare, "csv", "data,icons-6k\n"},
	} {
		var out bytes.Buffer
		a := &app{stdout: &out}
		a.config.Output = c.output
		if err := a.print(map[string]int{"a": 1}, c.table); err != nil || out.String() != c.want {
			t.Errorf("%s: %v\n%q, want\n%q", c.output, err, out.String(), c.want)
		}
	}
}

// A full disk or a closed pipe is an error, not a short table.
func TestTableThatCannotBeWritten(t *testing.T) {
	for _, output := range []string{"table", "csv", "json"} {
		a := &app{stdout: refusing{}}
		a.config.Output = output
		tab := &table{header: []string{"a"}}
		tab.add(1)
		if err := a.print(1, tab); err == nil {
			t.Errorf("%s: no error", output)
		}
	}
}

type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, os.ErrClosed }

// The rate is of the time in which something was done: a wait before it does not count.
func TestProgressDoesNotCountTheWait(t *testing.T) {
	p := (&app{stderr: io.Discard}).newProgress("quick")
	s := standing{summary: sweep.SweepSummary{Total: 4, GMACsTotal: 100}, done: 20}
	p.show(s, true)
	p.began = time.Now().Add(-time.Hour) // nothing was done for so long
	p.show(s, true)
	if waited := time.Since(p.began); waited > time.Minute {
		t.Errorf("the rate counts a wait of %s", waited)
	}
}

// Without a terminal nobody is asked, and progress is plain lines, one for each change.
func TestWithoutATerminal(t *testing.T) {
	var errs bytes.Buffer
	a := &app{stdin: strings.NewReader("n\n"), stderr: &errs}
	if ok, err := a.confirm("Sure?", false); err != nil || !ok || errs.Len() > 0 {
		t.Errorf("asked without a terminal: %v, %v, %q", ok, err, errs.String())
	}
	a.config.Output = "table"
	p := a.newProgress("quick")
	var s standing
	if err := json.Unmarshal([]byte(`{"total": 4, "gmacs_total": 100, "counts": {"succeeded": 1, "running": 2}}`), &s.summary); err != nil {
		t.Fatal(err)
	}
	s.done = 25
	p.show(s, true)
	p.show(s, true)
	p.show(standing{}, false)
	s.summary.Counts["succeeded"] = 2
	s.done = 50
	p.show(s, true)
	p.close()
	want := "quick: 1 of 4 done, 2 running, 25 %\nquick: 2 of 4 done, 2 running, 50 %\n"
	if errs.String() != want {
		t.Errorf("%q, want %q", errs.String(), want)
	}
}
