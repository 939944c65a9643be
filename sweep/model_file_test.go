package sweep

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func TestParseModelFiles(t *testing.T) {
	const good = `{"embed_dim": 512, "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
		"text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}`
	files := map[string]string{
		"good.json":    good,
		"resnet.json":  strings.Replace(good, `"layers": 12, "width": 768`, `"layers": [3, 4, 6, 3], "width": 64`, 1),
		"dropout.json": strings.Replace(good, `"patch_size": 32`, `"patch_size": 32, "patch_dropout": 0.5`, 1),
		"huge.json":    strings.Replace(good, `"width": 768`, `"width": 99999999`, 1),
		"patch.json":   strings.Replace(good, `"patch_size": 32`, `"patch_size": 448`, 1),
		"mlp.json":     strings.Replace(good, `"patch_size": 32`, `"patch_size": 32, "mlp_ratio": -1`, 1),
		"twice.json":   good + good,
		"list.json":    "[]",
	}
	read := func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	file := "name: s\ntrainer: openclip\ngrid: {model: [%s], data: [LAION-2B], samples_seen: [1B]}\n"
	spec, err := Parse(fmt.Appendf(nil, file, "good.json, ViT-B-16"), ParseOptions{ReadFile: read})
	if err != nil {
		t.Fatal(err)
	}
	b32, _ := LookupModel("ViT-B-32")
	run := mustPlan(t, spec).Runs[0]
	if run.Model.Name != "good.json" || run.Model.GMACs() != b32.GMACs() || run.Model.Params() != b32.Params() {
		t.Errorf("ViT-B-32 from a file: %+v, %d parameters", run.Model.GMACs(), run.Model.Params())
	}
	for path, want := range map[string]string{
		"resnet.json": "cannot unmarshal array", "dropout.json": "patch_dropout", "huge.json": "vision_cfg.width is 99999999",
		"patch.json": "vision_cfg.patch_size is 448, outside 1 to 224", "mlp.json": "vision_cfg.mlp_ratio is -1",
		"twice.json": "text behind", "list.json": "it is no JSON object", "none.json": "file does not exist",
	} {
		_, err := Parse(fmt.Appendf(nil, file, path), ParseOptions{ReadFile: read})
		wantProblem(t, path, err, 3, "grid.model[0]", want)
	}
	_, err = Parse(fmt.Appendf(nil, file, "good.json"), ParseOptions{})
	wantProblem(t, "no reader", err, 3, "grid.model[0]", "cannot be read here")
}
