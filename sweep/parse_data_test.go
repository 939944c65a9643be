package sweep

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// onFiles is a sweep of the trainer openclip over files.
func onFiles(data string) []byte {
	return fmt.Appendf(nil, "name: a\ntrainer: openclip\ngrid:\n  model: [ViT-B-32]\n  data: [%s, LAION-80M]\n  samples_seen: [1M]\n", data)
}

func TestDataFromFiles(t *testing.T) {
	asked := 0
	spec, err := Parse(onFiles(`"shards/{00..03}.tar"`), ParseOptions{OpenData: func(pattern string) (Dataset, error) {
		asked++
		return Dataset{Pairs: 77, Source: SourceFiles, Revision: "files-abc", Files: &DataFiles{Pattern: "/here/" + pattern}}, nil
	}})
	if err != nil || asked != 1 {
		t.Fatalf("asked %d times: %v", asked, err)
	}
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var again Spec
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	plan, err := Plan(&again, nil, nil)
	if err != nil || len(plan.Runs) != 2 {
		t.Fatalf("%v", err)
	}
	d := plan.Runs[0].Data
	if d.Name != "shards/{00..03}.tar" || d.Pairs != 77 || d.Revision != "files-abc" || d.Files.Pattern != "/here/shards/{00..03}.tar" {
		t.Errorf("%+v", d)
	}
	if plan.Runs[1].Data.Files != nil {
		t.Errorf("%+v", plan.Runs[1].Data)
	}
}

func TestDataFromFilesRefused(t *testing.T) {
	missing := func(string) (Dataset, error) { return Dataset{}, fmt.Errorf("%w: no file", ErrDataMissing) }
	for _, c := range []struct {
		data string
		open func(string) (Dataset, error)
		says string
	}{
		{"x.csv", nil, "grid.data[0]: \"x.csv\": data from files cannot be read here"},
		{"'*.tar'", missing, "grid.data[0]: data missing: no file"},
		{"LAION-80", missing, "did you mean \"LAION-80M\""},
	} {
		_, err := Parse(onFiles(c.data), ParseOptions{OpenData: c.open})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.data, err, c.says)
		}
	}
}
