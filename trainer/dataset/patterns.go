package dataset

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// maxFiles bounds how many files a pattern may come to: more is a slip of the pen.
const maxFiles = 1_000_000

// Files expands a pattern to the files that it names, in order: parts joined by "::", each a
// path, a glob (sorted by name) or a brace list such as {00000..00031} or {train,extra}, as
// webdataset and open_clip read them. Every file must be there.
func Files(pattern string) ([]string, error) {
	var files []string
	for part := range strings.SplitSeq(pattern, "::") {
		found, err := expand(part)
		if err != nil {
			return nil, fmt.Errorf("data %q: %w", pattern, err)
		}
		files = append(files, found...)
		if len(files) > maxFiles {
			return nil, fmt.Errorf("%w: data %q: more than %d files", sweep.ErrBadInput, pattern, maxFiles)
		}
	}
	return files, nil
}

func expand(part string) ([]string, error) {
	if part == "" {
		return nil, fmt.Errorf("%w: an empty path", sweep.ErrBadInput)
	}
	paths, err := braces(part)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, path := range paths {
		if !strings.ContainsAny(path, "*?[") {
			if err := mustBeFile(path); err != nil {
				return nil, err
			}
			files = append(files, path)
			continue
		}
		found, err := filepath.Glob(path)
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %w", sweep.ErrBadInput, path, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%w: no file is named like %s", sweep.ErrDataMissing, path)
		}
		files = append(files, found...)
	}
	return files, nil
}

// remote is what webdataset opens by another program.
func remote(path string) bool {
	return strings.Contains(path, "://") || strings.HasPrefix(path, "pipe:")
}

func mustBeFile(path string) error {
	if remote(path) {
		return fmt.Errorf("%w: %s: only files of this machine are read; mount the store, or copy the shards", sweep.ErrUnsupported, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%w: %w", sweep.ErrDataMissing, err)
	}
	if info.IsDir() {
		return fmt.Errorf("%w: %s is a folder: name its files, such as %s", sweep.ErrBadInput, path, filepath.Join(path, "*.tar"))
	}
	return nil
}

// braces expands the brace lists of a path, the leftmost slowest.
func braces(path string) ([]string, error) {
	open := strings.IndexByte(path, '{')
	if open < 0 {
		return []string{path}, nil
	}
	length := strings.IndexByte(path[open:], '}')
	if length < 0 {
		return nil, fmt.Errorf("%w: %q has a { without }", sweep.ErrBadInput, path)
	}
	inner := path[open+1 : open+length]
	if strings.Contains(inner, "{") {
		return nil, fmt.Errorf("%w: %q has braces within braces", sweep.ErrBadInput, path)
	}
	choices, err := choices(inner)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", sweep.ErrBadInput, path, err)
	}
	rest, err := braces(path[open+length+1:])
	if err != nil {
		return nil, err
	}
	if len(choices)*len(rest) > maxFiles {
		return nil, fmt.Errorf("%w: %q comes to more than %d files", sweep.ErrBadInput, path, maxFiles)
	}
	all := make([]string, 0, len(choices)*len(rest))
	for _, c := range choices {
		for _, r := range rest {
			all = append(all, path[:open]+c+r)
		}
	}
	return all, nil
}

// choices are a,b,c or the numbers FIRST..LAST, with leading zeros where either has them.
func choices(inner string) ([]string, error) {
	from, to, isRange := strings.Cut(inner, "..")
	if !isRange {
		return strings.Split(inner, ","), nil
	}
	first, err1 := strconv.ParseUint(from, 10, 40)
	last, err2 := strconv.ParseUint(to, 10, 40)
	if err := cmp.Or(err1, err2); err != nil || first > last {
		return nil, fmt.Errorf("{%s} is no range FIRST..LAST of whole numbers", inner)
	}
	if last-first >= maxFiles {
		return nil, fmt.Errorf("{%s} comes to more than %d files", inner, maxFiles)
	}
	width := 0
	if from[0] == '0' && len(from) > 1 || to[0] == '0' && len(to) > 1 {
		width = max(len(from), len(to))
	}
	var all []string
	for n := first; n <= last; n++ {
		all = append(all, fmt.Sprintf("%0*d", width, n))
	}
	return all, nil
}
