package fit

import (
	"bytes"
	_ "embed"
)

// The tables of two studies, for benchmarks and examples; testdata/SOURCES.md says where from.
var (
	//go:embed testdata/openclip_runs.csv
	openCLIPTable []byte
	//go:embed testdata/chinchilla_points.csv
	chinchillaTable []byte
)

// OpenCLIPRuns are the 29 runs of Cherti et al. 2023: C in forward GMACs, E the top-1 error on
// ImageNet, N in GMACs a sample, D samples seen, U pairs of the data set.
func OpenCLIPRuns() ([]Point, error) {
	return published(openCLIPTable, CSVOptions{
		X: "gmacs_total", Y: "imagenet1k_acc1", YIs: "accuracy", ID: "run_id", N: "gmacs_per_sample", D: "samples_seen", U: "data_scale",
		Where: map[string]string{"family": "OpenCLIP"},
	})
}

// ChinchillaPoints are the 240 points of Hoffmann et al. 2022 that Besiroglu et al. 2024 read
// off its figure 4 and keep: C in FLOP, E the loss, N parameters, D = C/(6N) tokens.
func ChinchillaPoints() ([]Point, error) {
	points, err := published(chinchillaTable, CSVOptions{
		X: "training_flop", Y: "loss", YIs: "loss", N: "model_params",
		Where: map[string]string{"excluded_by_epoch_default": "0"},
	})
	for i, p := range points {
		points[i].D = p.C / 6 / p.N
	}
	return points, err
}

func published(table []byte, o CSVOptions) ([]Point, error) {
	groups, err := ReadCSV(bytes.NewReader(table), o)
	if err != nil {
		return nil, err
	}
	return groups[0].Points, nil
}
