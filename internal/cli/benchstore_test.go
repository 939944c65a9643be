package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/internal/pgtest"
	"github.com/scalelaw/scalelaw/internal/synthetic"
	"github.com/scalelaw/scalelaw/store"
)

const (
	// queriesAtMost is how many statements a page may take, however many runs there are.
	queriesAtMost = 20
	// lawBytes is what the law page may send, compressed.
	lawBytes = 150_000
)

// Every page over a synthetic study, while runs write: each answers, with a bounded number of
// queries, none of which reads a whole table of rows of runs. How fast it is, bench store tells.
func TestBenchStore(t *testing.T) {
	cluster := pgtest.Cluster(t)
	getenv := environ(t, "SCALELAW_DATABASE_URL", cluster.URL("postgres"))
	o := succeeds(t, getenv, "bench", "store", "--runs", "200", "--points", "60", "--readers", "3", "--writers", "5", "--seconds", "4", "--keep", "-o", "json")
	kept := regexp.MustCompile(`--use "([^"]+)"`).FindStringSubmatch(o.err)
	if kept == nil {
		t.Fatalf("no address was told: %s", o.err)
	}
	t.Cleanup(func() { must(t, store.DropScratch(ctx, kept[1])) })
	m := decode[storeSpeed](t, o.out)
	if m.Study.Runs != synthetic.Cells || m.Study.Checkpoints < 3000 || m.Study.Evaluations != 36*m.Study.Checkpoints || m.Study.Metrics < 50_000 || m.RowsWritten < 1000 {
		t.Errorf("the study: %+v, %d rows written", m.Study, m.RowsWritten)
	}
	checkPages(t, m.Pages)
	for _, table := range []string{"metrics", "metric_buckets", "evaluations"} {
		if n := m.ReadWhole[table]; n > 0 {
			t.Errorf("%s was read whole %d times", table, n)
		}
	}
	conn, err := pgx.Connect(ctx, kept[1])
	must(t, err)
	defer conn.Close(ctx)
	var unmarked int
	must(t, conn.QueryRow(ctx, `select (select count(*) from attempts where device not like '%nothing was trained%') + (select count(*) from evaluations where evaluator not like '%nothing was trained%')
		+ (select count(*) from checkpoints where uri not like '%nothing was trained%')`).Scan(&unmarked))
	equal(t, "rows that do not say that they are synthetic", unmarked, 0)
}

// lawless are figures of laws that the synthetic study does not have.
var lawless = regexp.MustCompile(`/(isoflop|residuals)\.svg$`)

func checkPages(t *testing.T, pages []pageSpeed) {
	t.Helper()
	law := false
	for _, p := range pages {
		if p.Failed > 0 || p.Refused > 0 && !lawless.MatchString(p.Page) {
			t.Errorf("%s: of %d requests %d failed, %d were refused", p.Page, p.Requests, p.Failed, p.Refused)
		}
		if p.Queries > queriesAtMost {
			t.Errorf("%s takes %d queries", p.Page, p.Queries)
		}
		if strings.HasSuffix(p.Page, "/law") {
			law = true
			if p.Bytes > lawBytes {
				t.Errorf("%s sends %d bytes", p.Page, p.Bytes)
			}
		}
	}
	if !law || len(pages) < 12 {
		t.Errorf("%d pages were read, the law: %v", len(pages), law)
	}
}

func TestBenchStoreRefusals(t *testing.T) {
	for word, args := range map[string]string{
		"--runs": "--runs 0", "--points": "--points 0", "--readers": "--readers 0", "--writers": "--writers -1", "--seconds": "--seconds 0",
	} {
		fails(t, environ(t), exitBadInput, []string{word}, append([]string{"bench", "store"}, strings.Fields(args)...)...)
	}
	fails(t, environ(t), exitUnreachable, []string{"no servers"}, "bench", "store")
}
