package sweep

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Every example comes back the same when it is written and read again.
func TestFileRoundTrip(t *testing.T) {
	paths, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(paths) < 4 {
		t.Fatalf("%d examples (%v)", len(paths), err)
	}
	all := [][]byte{[]byte(`
name: all
trainer: surface
surface: {alpha: -0.12, beta: 6, floor: 0.05, noise: 0.03}
grid: {model: [icons-w4, icons-w8], data: [icons-6k], samples_seen: [128K, 123456, 1.5M], learning_rate: [1e-3, 2e-3], seed: [0, 1]}
exclude: [{model: icons-w4, samples_seen: 128K}]
include: [{model: icons-w16, data: icons-6k, samples_seen: 5M, seed: 7}]
recipe: {warmup: 5%, batch_size: 512}
rules: [{when: {model: icons-w8}, set: {weight_decay: 0.2}}]
checkpoints: 3
limits: {concurrency: 5, attempts: 2, gpu_hours: 1.5, price_per_device_hour: 2.5}
`)}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	for _, text := range all {
		spec, err := Parse(text, ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		written, err := spec.File()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(written, ParseOptions{})
		if err != nil {
			t.Errorf("%s: %v\n%s", spec.Name, err, written)
			continue
		}
		want, _ := json.Marshal(spec)
		if got, _ := json.Marshal(again); string(got) != string(want) {
			t.Errorf("%s:\ngot  %s\nwant %s\n%s", spec.Name, got, want, written)
		}
	}
}
