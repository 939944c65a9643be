package pgembed

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that the server runs as: us, or postgres or nobody when we are root,
// because Postgres refuses to run as root.
type owner struct {
	drop     bool
	uid, gid int
	name     string
}

func findOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			return owner{drop: true, uid: uid, gid: gid, name: name}, nil
		}
	}
	return owner{}, errors.New("the server Postgres refuses to run as root, and there is neither a user postgres nor nobody to run it as: run scalelaw as another user")
}

// command runs a program as the owner, with nothing of our environment but what it needs.
func (o owner) command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "LD_LIBRARY_PATH=" + os.Getenv("LD_LIBRARY_PATH")}
	cmd.Dir = "/"
	cmd.SysProcAttr = dieWithParent()
	if o.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return cmd
}

// folder makes a folder of the owner's that nobody else may enter.
func (o owner) folder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(stat.Uid) != o.uid && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user (uid %d)", dir, stat.Uid)
	}
	if o.drop {
		if err := os.Chown(dir, o.uid, o.gid); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o700)
}

// mayEnter checks that the owner can reach dir through every folder above it.
func (o owner) mayEnter(dir string) error {
	if !o.drop {
		return nil
	}
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if ok && info.Mode()&0o001 == 0 && int(stat.Uid) != o.uid {
			return fmt.Errorf("the server Postgres runs as the user %s, who may not enter %s (mode %s): choose another data folder with --data-dir, or chmod o+x it", o.name, parent, info.Mode().Perm())
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}

// maxSocketPath is what a Unix socket's address has room for on Linux; macOS has 103.
const maxSocketPath = 103

// socketFolder chooses a short, stable folder for the cluster's socket.
func socketFolder(o Options) (string, error) {
	dir := o.SocketDir
	if dir == "" {
		sum := sha256.Sum256([]byte(o.Dir))
		base := os.TempDir()
		if runtimeDir := os.Getenv("XDG_RUNTIME_DIR"); runtimeDir != "" && os.Geteuid() != 0 {
			base = runtimeDir
		}
		dir = filepath.Join(base, "scalelaw-"+hex.EncodeToString(sum[:6]))
	}
	if n := len(filepath.Join(dir, ".s.PGSQL.5432")); n > maxSocketPath {
		return "", fmt.Errorf("the socket's path in %s has %d bytes, a Unix socket has room for %d: set TMPDIR to a shorter folder", dir, n, maxSocketPath)
	}
	return dir, nil
}
