package cli

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset"
)

// exported are the shards of a split, written once per test.
func exported(t *testing.T, split string, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shards")
	succeeds(t, environ(t), append([]string{"data", "export", "icons-6k", "--format", "webdataset", "--split", split, "--out", dir}, more...)...)
	return dir
}

func TestDataExport(t *testing.T) {
	dir := exported(t, "train")
	for _, file := range []string{"00000.tar", "00006.tar", "sizes.json", "NOTICE"} {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			t.Error(err)
		}
	}
	v := decode[filesView](t, succeeds(t, environ(t), "data", "show", dir+"/{00000..00006}.tar", "--check", "-o", "json").out)
	known := decode[sweep.DatasetDetail](t, succeeds(t, environ(t), "data", "show", "icons-6k", "-o", "json").out)
	if v.Pairs != 6400 || v.Incomplete != 0 || v.Bad == nil || *v.Bad != 0 || v.FileCount != 7 || v.Format != "webdataset" {
		t.Errorf("%+v", v)
	}
	for i, c := range v.Captions {
		want, _, _ := strings.Cut(strings.TrimPrefix(known.Captions[i], "["), "] (")
		equal(t, "caption", c, want)
	}
	fails(t, environ(t), exitBadInput, []string{"is not empty: choose another folder"}, "data", "export", "icons-6k", "--out", dir)
}

// The held-out splits go with their classes, as zero-shot evaluators want them.
func TestDataExportOfATestSplit(t *testing.T) {
	dir := exported(t, "pixel", "--shard-size", "100")
	list := decode[[]dataset.Count](t, succeeds(t, environ(t), "data", "list", dir+"/*.tar", "-o", "json").out)
	if len(list) != 4 || list[0].Pairs != 100 || list[3].Pairs != 89 {
		t.Errorf("%+v", list)
	}
	has(t, "data list", succeeds(t, environ(t), "data", "list", dir+"/*.tar").out, "FILE", "00003.tar", "89")
	names, err := os.ReadFile(filepath.Join(dir, "classnames.txt"))
	if err != nil || strings.Count(string(names), "\n") != 175 {
		t.Errorf("%d classes: %v", strings.Count(string(names), "\n"), err)
	}
	v := decode[filesView](t, succeeds(t, environ(t), "data", "show", dir+"/*.tar", "-o", "json").out)
	if v.Pairs != 389 || v.Labelled != 389 || v.Classes != 175 || v.Templates != 6 {
		t.Errorf("%+v", v)
	}
	has(t, "data show", succeeds(t, environ(t), "data", "show", dir+"/*.tar").out, "labelled", "389", "templates")
	templates, err := os.ReadFile(filepath.Join(dir, "zeroshot_classification_templates.txt"))
	if err != nil || !strings.HasPrefix(string(templates), "{c}\n{c} outline\n") {
		t.Errorf("%s: %v", templates, err)
	}
}

func TestDataSheet(t *testing.T) {
	out := filepath.Join(t.TempDir(), "sheet.png")
	shards := exported(t, "emoji")
	for _, args := range [][]string{
		{"icons-6k", "--n", "9", "--split", "colour"}, {shards + "/*.tar", "--n", "7"},
	} {
		succeeds(t, environ(t), append([]string{"data", "sheet", "--out", out}, args...)...)
		f, err := os.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(f)
		f.Close()
		if err != nil || img.Bounds().Dx() != 3*116 || img.Bounds().Dy() != 3*142 {
			t.Errorf("%v: %v", args, err)
		}
	}
	fails(t, environ(t), exitBadInput, []string{"--out FILE.png"}, "data", "sheet", "icons-6k")
	fails(t, environ(t), exitBadInput, []string{"is none of train, test"}, "data", "sheet", "icons-6k", "--split", "dev", "--out", out)
	fails(t, environ(t), exitBadInput, []string{"is not part of this program"}, "data", "sheet", "LAION-2B", "--out", out)
	fails(t, environ(t), exitFailure, []string{"write the sheet"}, "data", "sheet", "icons-6k", "--n", "1", "--out", "/none/at/all.png")
}

func TestDataOfATable(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "pairs.txt.csv")
	rows := "url;alt\nnone.png;missing\n;incomplete\n"
	if err := os.WriteFile(table, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--image-key", "url", "--caption-key", "alt", "--separator", ";"}
	list := decode[[]dataset.Count](t, succeeds(t, environ(t), append([]string{"data", "list", table, "-o", "json"}, flags...)...).out)
	if len(list) != 1 || list[0].Pairs != 1 || list[0].Incomplete != 1 {
		t.Errorf("%+v", list)
	}
	fails(t, environ(t), exitBadInput, []string{"none.png", "not one image"}, append([]string{"data", "show", table}, flags...)...)
	fails(t, environ(t), exitBadInput, []string{`it has ["url;alt"]`}, "data", "show", table)
	fails(t, environ(t), exitBadInput, []string{"--separator"}, "data", "show", table, "--separator", ";;")
	fails(t, environ(t), exitBadInput, []string{"names no files"}, "data", "list", "icons-6k")
	fails(t, environ(t), exitBadInput, []string{"no file is named like"}, "data", "list", dir+"/*.tar")
}

func TestDataExportRefusals(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x")
	for word, args := range map[string][]string{
		"--out FOLDER is needed":    {"icons-6k"},
		"--format csv is not known": {"icons-6k", "--out", out, "--format", "csv"},
		"--shard-size 0":            {"icons-6k", "--out", out, "--shard-size", "0"},
		"is none of train":          {"icons-6k", "--out", out, "--split", "x"},
		"there is no data set":      {"icons-7k", "--out", out},
		"only the icons-* sets are": {"LAION-80M", "--out", out},
	} {
		fails(t, environ(t), exitBadInput, []string{word}, append([]string{"data", "export"}, args...)...)
	}
}

// Data given as files is found from the sweep file's folder, and what it is goes into the plan.
func TestPlanOnFiles(t *testing.T) {
	dir := exported(t, "pixel")
	spec := filepath.Join(filepath.Dir(dir), "sweep.yaml")
	text := "name: files\ntrainer: openclip\ngrid:\n  model: [ViT-B-32]\n  data: ['shards/*.tar', LAION-80M]\n  samples_seen: [1M]\n"
	if err := os.WriteFile(spec, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	has(t, "plan", succeeds(t, environ(t), "plan", spec).out, "shards/*.tar", "LAION-80M")
	files := fileFlags{}
	d, err := openData(t.Context(), filepath.Dir(spec), &files)("shards/*.tar")
	if err != nil || d.Pairs != 389 || d.Source != sweep.SourceFiles || d.Files.Pattern != dir+"/*.tar" {
		text, _ := json.Marshal(d)
		t.Errorf("%s, %v", text, err)
	}
	if err := os.WriteFile(spec, []byte(strings.Replace(text, "shards", "shard", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	fails(t, environ(t), exitBadInput, []string{"grid.data[0]", "no file is named like", "shard/*.tar"}, "plan", spec)
}
