package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var staticFiles embed.FS

// assets are the files of static/. Each has an address with a part of its checksum, so that
// browsers may keep it for ever.
type assets map[string]asset // by address

type asset struct {
	name string
	data []byte
}

func loadAssets() (assets, error) {
	all := assets{}
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		all[address(name, data)] = asset{name, data}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("static files: %w", err)
	}
	return all, nil
}

// forEver is what browsers are told of what never changes.
const forEver = "public, max-age=31536000, immutable"

// address of a file: /static/app.1f2e3d4c.css.
func address(name string, data []byte) string {
	sum := sha256.Sum256(data)
	ending := path.Ext(name)
	return "/" + strings.TrimSuffix(name, ending) + "." + hex.EncodeToString(sum[:4]) + ending
}

// url is the address of a file of static/, for templates.
func (a assets) url(name string) (string, error) {
	for at, f := range a {
		if f.name == "static/"+name {
			return at, nil
		}
	}
	return "", fmt.Errorf("there is no static file %s", name)
}

// own is the address of a file that only one page needs; empty: it needs none.
func (a assets) own(name string) string {
	at, err := a.url(name)
	if err != nil {
		return ""
	}
	return at
}

// ServeHTTP serves a file by its address.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", forEver)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.data))
}
