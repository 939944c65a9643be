package pgembed

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// ErrNoBinaries means that no Postgres is on this machine and none could be fetched.
var ErrNoBinaries = errors.New("no Postgres server found")

// oldest is the oldest major version that the product runs on.
const oldest = 14

// FindBinaries gives the folder with postgres and initdb: the one asked for, or what
// pg_config, PATH and the usual folders of Debian, Red Hat and Homebrew have, newest first.
func FindBinaries(asked string) (string, error) { return findBinaries(asked, "") }

// findBinaries prefers those of the major version that a cluster was made by.
func findBinaries(asked, major string) (string, error) {
	if asked != "" {
		if !usable(asked) {
			return "", fmt.Errorf("%w: %s has no postgres and initdb of version %d or later", ErrNoBinaries, asked, oldest)
		}
		return asked, nil
	}
	var found []string
	for _, dir := range candidates() {
		if usable(dir) && !slices.Contains(found, dir) {
			found = append(found, dir)
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf("%w: install it (Debian: apt-get install postgresql; macOS: brew install postgresql), name its folder with SCALELAW_POSTGRES_BIN, or use an existing server with --database-url", ErrNoBinaries)
	}
	slices.SortStableFunc(found, func(a, b string) int { return majorOf(b) - majorOf(a) })
	if i := slices.IndexFunc(found, func(dir string) bool { return strconv.Itoa(majorOf(dir)) == major }); i >= 0 {
		return found[i], nil
	}
	return found[0], nil
}

func candidates() []string {
	var dirs []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil { // psql and the rest lie beside the real one
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/usr/local/pgsql/bin",
	} {
		matches, _ := filepath.Glob(pattern) // the patterns are well-formed
		dirs = append(dirs, matches...)
	}
	return dirs
}

func usable(dir string) bool {
	for _, name := range []string{"postgres", "initdb"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return majorOf(dir) >= oldest
}

// versionOf is what `postgres --version` says: "15.18"; empty when it cannot be run.
func versionOf(dir string) string {
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return ""
	}
	words := strings.Fields(string(out)) // postgres (PostgreSQL) 15.18 (Debian ...)
	if len(words) < 3 {
		return ""
	}
	return words[2]
}

func majorOf(dir string) int {
	digits := versionOf(dir)
	if i := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits = digits[:i]
	}
	major, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return major
}

// findOrFetch falls back to a download into the cache folder.
func findOrFetch(o Options) (string, error) {
	dir, err := findBinaries(o.BinDir, folderMajor(o.Dir))
	if err == nil || o.BinDir != "" || o.CacheDir == "" {
		return dir, err
	}
	if fetched := filepath.Join(o.CacheDir, "bin"); usable(fetched) {
		return fetched, nil
	}
	if fetchErr := fetch(o); fetchErr != nil {
		return "", fmt.Errorf("%w (and the download failed: %w)", err, fetchErr)
	}
	return filepath.Join(o.CacheDir, "bin"), nil
}

// fetch lets the library download and unpack Postgres. The library offers that only as a part
// of starting a server of its own, which fails as root and which is not wanted: it is given a
// throw-away folder, stopped at once, and judged by the binaries that it leaves.
func fetch(o Options) error {
	scratch, err := os.MkdirTemp("", "scalelaw-fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	port, err := freePort()
	if err != nil {
		return err
	}
	server := embedded.NewDatabase(embedded.DefaultConfig().Port(port).Logger(o.Log).
		CachePath(o.CacheDir).BinariesPath(o.CacheDir).RuntimePath(filepath.Join(scratch, "run")).DataPath(filepath.Join(scratch, "data")))
	startErr := server.Start()
	if startErr == nil {
		startErr = server.Stop()
	}
	if usable(filepath.Join(o.CacheDir, "bin")) {
		return nil
	}
	return fmt.Errorf("fetch Postgres: %w", errors.Join(startErr, ErrNoBinaries))
}

func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}
