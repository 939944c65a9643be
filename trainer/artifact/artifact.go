// Package artifact keeps the bytes of checkpoints by their content, so that a run can resume
// on any machine that sees the same store.
package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
)

// Store puts, gets and deletes bytes. Its methods are safe for concurrent use, by several
// processes too.
type Store interface {
	// Put stores what write writes. It is durable and whole, or not there at all.
	Put(ctx context.Context, write func(io.Writer) error) (sweep.Artifact, error)
	// Get opens an artifact; reading fails at the end when the bytes are not those of its hash.
	// A missing one is sweep.ErrDataMissing.
	Get(ctx context.Context, a sweep.Artifact) (io.ReadCloser, error)
	// Stat gives the size of an artifact that is there.
	Stat(ctx context.Context, a sweep.Artifact) (int64, error)
	// Delete removes it; one that is not there is no error.
	Delete(ctx context.Context, a sweep.Artifact) error
}

// Files is a Store in a folder. A file's path is its hash: ab/abcd... .
type Files struct {
	root string
}

// abandoned is the age at which a temporary file belongs to a writer that died.
const abandoned = time.Hour

// NewFiles opens the store in a folder, makes it when missing, and removes what writers that
// died long ago left half-written.
func NewFiles(root string) (*Files, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open the artifact folder %s: %w", root, err)
	}
	if err := os.MkdirAll(filepath.Join(absolute, "tmp"), 0o755); err != nil {
		return nil, fmt.Errorf("make the artifact folder: %w", err)
	}
	f := &Files{root: absolute}
	return f, f.sweepTemporary()
}

func (f *Files) sweepTemporary() error {
	old, err := os.ReadDir(filepath.Join(f.root, "tmp"))
	if err != nil {
		return fmt.Errorf("read the artifact folder: %w", err)
	}
	for _, e := range old {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			os.Remove(filepath.Join(f.root, "tmp", e.Name())) // another process may have been first
		}
	}
	return nil
}

func (f *Files) path(sha string) (string, error) {
	if raw, err := hex.DecodeString(sha); err != nil || len(raw) != sha256.Size {
		return "", fmt.Errorf("%w: %q is no sha256 of an artifact", sweep.ErrBadInput, sha)
	}
	return filepath.Join(f.root, sha[:2], sha), nil
}

// Put implements Store: temporary file, fsync, rename, fsync of the folders. On a full disk the
// error is sweep.ErrNoSpace and says where, and how many bytes had found room.
func (f *Files) Put(ctx context.Context, write func(io.Writer) error) (sweep.Artifact, error) {
	temporary, err := os.CreateTemp(filepath.Join(f.root, "tmp"), "put-")
	if err != nil {
		return sweep.Artifact{}, f.failed("make a temporary file", err)
	}
	defer os.Remove(temporary.Name()) // gone already when it was renamed
	defer temporary.Close()
	h := sha256.New()
	counter := &counted{w: io.MultiWriter(temporary, h)}
	if err := write(counter); err != nil {
		return sweep.Artifact{}, f.failed(fmt.Sprintf("write a checkpoint, past byte %d,", counter.n), err)
	}
	if err := ctx.Err(); err != nil {
		return sweep.Artifact{}, err
	}
	if err := errors.Join(temporary.Sync(), temporary.Close()); err != nil {
		return sweep.Artifact{}, f.failed("write a checkpoint", err)
	}
	sha := hex.EncodeToString(h.Sum(nil))
	path, err := f.path(sha)
	if err != nil {
		return sweep.Artifact{}, err
	}
	if err := publish(temporary.Name(), path); err != nil {
		return sweep.Artifact{}, f.failed("store a checkpoint", err)
	}
	return sweep.Artifact{URI: "file://" + filepath.ToSlash(path), SHA256: sha, Bytes: counter.n}, nil
}

// publish moves a finished file to its path and makes its name durable, and its folder's.
func publish(temporary, path string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o644); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return errors.Join(syncFolder(folder), syncFolder(filepath.Dir(folder)))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// failed names the folder, and a full disk by its own error.
func (f *Files) failed(doing string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%s under %s: %w; free some space, then retry the run: %w", doing, f.root, sweep.ErrNoSpace, err)
	}
	return fmt.Errorf("%s under %s: %w", doing, f.root, err)
}

// Get implements Store. The store's own folder is looked in, whatever the URI's folder was, so
// that a data folder can be moved.
func (f *Files) Get(_ context.Context, a sweep.Artifact) (io.ReadCloser, error) {
	path, err := f.path(a.SHA256)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, missing(a, err)
	}
	info, err := file.Stat()
	if err != nil || a.Bytes > 0 && info.Size() != a.Bytes {
		file.Close()
		return nil, fmt.Errorf("checkpoint %s is damaged: it should have %d bytes: %w", path, a.Bytes, sweep.ErrDataMissing)
	}
	return &verified{file: file, hash: sha256.New(), want: a.SHA256}, nil
}

func missing(a sweep.Artifact, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("checkpoint %s is not there: %w", strings.TrimPrefix(a.URI, "file://"), sweep.ErrDataMissing)
	}
	return fmt.Errorf("open checkpoint %s: %w", a.SHA256, err)
}

// Stat implements Store.
func (f *Files) Stat(_ context.Context, a sweep.Artifact) (int64, error) {
	path, err := f.path(a.SHA256)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, missing(a, err)
	}
	return info.Size(), nil
}

// Delete implements Store.
func (f *Files) Delete(_ context.Context, a sweep.Artifact) error {
	path, err := f.path(a.SHA256)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete checkpoint %s: %w", a.SHA256, err)
	}
	return nil
}

// counted counts what is written through it.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// verified hashes what is read and, at the end, compares.
type verified struct {
	file *os.File
	hash hash.Hash
	want string
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.file.Read(p)
	v.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(v.hash.Sum(nil)) != v.want {
		return n, fmt.Errorf("checkpoint %s is damaged: its bytes have another sha256: %w", v.file.Name(), sweep.ErrDataMissing)
	}
	return n, err
}

func (v *verified) Close() error { return v.file.Close() }
