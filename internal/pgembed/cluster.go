// Package pgembed runs one private Postgres cluster as a child process: on a Unix socket only,
// without port and password, as another user when we are root. It is restarted when it dies
// and goes when we go.
package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// superuser is the one role of the cluster; who may open the socket is that role.
const superuser = "scalelaw"

// Options says where the cluster lives and how it runs.
type Options struct {
	Dir       string            // the cluster's folder; made when missing
	SocketDir string            // empty: a short folder that depends on Dir only
	BinDir    string            // folder of postgres and initdb; empty: searched
	CacheDir  string            // where a download is kept; empty: none is tried
	Databases []string          // made when missing
	Log       io.Writer         // the server's log; nil: dropped
	Settings  map[string]string // more settings, by name
}

// Cluster is a running server.
type Cluster struct {
	options Options
	log     *tail
	owner   owner
	bin     string
	socket  string
	version string

	mu       sync.Mutex
	stopping bool
	answered bool // once
	child    *child
	failed   chan error
	stopped  chan struct{}
}

// Start makes the cluster when it is not there, stops a server that an earlier, killed program
// left behind, starts ours and waits until it answers.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	c, err := prepare(o)
	if err != nil {
		return nil, fmt.Errorf("start Postgres in %s: %w", o.Dir, err)
	}
	first, err := c.launch()
	if err != nil {
		return nil, fmt.Errorf("start Postgres in %s: %w", o.Dir, err)
	}
	c.child = first
	go c.supervise(first)
	if err := c.ready(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start Postgres in %s: %w", o.Dir, err), c.Stop(context.WithoutCancel(ctx)))
	}
	if err := c.createDatabases(ctx); err != nil {
		return nil, errors.Join(err, c.Stop(context.WithoutCancel(ctx)))
	}
	return c, nil
}

func prepare(o Options) (*Cluster, error) {
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, err
	}
	// Without links, so that a server is recognized by its folder whichever way that was named.
	parent, err := filepath.EvalSymlinks(filepath.Dir(o.Dir))
	if err != nil {
		return nil, err
	}
	o.Dir = filepath.Join(parent, filepath.Base(o.Dir))
	c := &Cluster{options: o, log: &tail{to: o.Log}, failed: make(chan error, 1), stopped: make(chan struct{})}
	if c.owner, err = findOwner(); err != nil {
		return nil, err
	}
	if err := c.owner.mayEnter(o.Dir); err != nil {
		return nil, err
	}
	if c.bin, err = findOrFetch(o); err != nil {
		return nil, err
	}
	c.version = versionOf(c.bin)
	if c.socket, err = socketFolder(o); err != nil {
		return nil, err
	}
	if err := c.initialize(); err != nil {
		return nil, err
	}
	if err := stopOrphan(o.Dir); err != nil {
		return nil, err
	}
	if err := c.owner.folder(c.socket); err != nil {
		return nil, fmt.Errorf("make the socket's folder: %w", err)
	}
	return c, nil
}

// initialize makes the cluster beside its place and renames it, so that one that was
// interrupted is never taken for whole. One of another major version is refused.
func (c *Cluster) initialize() error {
	if have := folderMajor(c.options.Dir); have != "" {
		if want := fmt.Sprint(majorOf(c.bin)); have != want {
			return fmt.Errorf("the folder was made by Postgres %s, the binaries in %s are of Postgres %s: install postgresql-%s (or name its folder with SCALELAW_POSTGRES_BIN), move the data with pg_upgrade, or choose another --data-dir", have, c.bin, want, have)
		}
		return c.owner.folder(c.options.Dir)
	}
	if entries, err := os.ReadDir(c.options.Dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("the folder holds files but no Postgres cluster (%s, ...): choose another --data-dir", entries[0].Name())
	}
	fresh := c.options.Dir + ".new"
	if err := errors.Join(os.RemoveAll(fresh), c.owner.folder(fresh)); err != nil {
		return err
	}
	cmd := c.owner.command(filepath.Join(c.bin, "initdb"), "-D", fresh, "-U", superuser,
		"--auth=trust", "--encoding=UTF8", "--no-locale", "--data-checksums")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLines(string(out)))
	}
	if err := os.Remove(c.options.Dir); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Rename(fresh, c.options.Dir)
}

// folderMajor is the major version that a cluster was made by; empty when there is none.
func folderMajor(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "; ")
}

// recoveryLimit is the longest wait for a start; a crash may have left much to recover.
const recoveryLimit = 10 * time.Minute

// ready waits until OUR server answers: an old postmaster.pid says ready too.
func (c *Cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, recoveryLimit)
	defer cancel()
	for {
		err := c.ping(ctx)
		if err == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.answered = true
			return nil
		}
		select {
		case failure := <-c.failed:
			return failure
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(15 * time.Millisecond):
		}
	}
}

func (c *Cluster) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func (c *Cluster) createDatabases(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return fmt.Errorf("create databases: %w", err)
	}
	defer conn.Close(ctx)
	for _, name := range c.options.Databases {
		var there bool
		if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil {
			return fmt.Errorf("create database %s: %w", name, err)
		}
		if there {
			continue
		}
		if _, err := conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()); err != nil {
			return fmt.Errorf("create database %s: %w", name, err)
		}
	}
	return nil
}

// URL is how to connect to a database of the cluster.
func (c *Cluster) URL(database string) string {
	q := url.Values{"host": {c.socket}, "user": {superuser}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode()}).String()
}

// SocketDir is the folder of the server's socket.
func (c *Cluster) SocketDir() string { return c.socket }

// User is the role to connect as.
func (c *Cluster) User() string { return superuser }

// Version is the server's: "15.18".
func (c *Cluster) Version() string { return c.version }

// BinDir is the folder of the server's programs.
func (c *Cluster) BinDir() string { return c.bin }

// Failed receives an error when the server died and could not be restarted.
func (c *Cluster) Failed() <-chan error { return c.failed }
