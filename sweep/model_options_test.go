package sweep

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the example models anew")

const plainModel = `{"embed_dim": 512, "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
	"text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}`

// modelWith adds fields to one section of the plain model.
func modelWith(section, fields string) []byte {
	if section == "" {
		return []byte(strings.Replace(plainModel, `{"embed_dim"`, `{`+fields+`, "embed_dim"`, 1))
	}
	return []byte(strings.Replace(plainModel, `"`+section+`": {`, `"`+section+`": {`+fields+`, `, 1))
}

func TestModelOptions(t *testing.T) {
	scale := 2.5
	for _, c := range []struct {
		section, fields string
		want            func(*OpenCLIP)
	}{
		{"", `"quick_gelu": true`, func(o *OpenCLIP) { o.QuickGELU = true }},
		{"", `"custom_text": true, "init_logit_bias": 2.5`, func(o *OpenCLIP) { o.CustomText, o.InitLogitBias = true, &scale }},
		{"vision_cfg", `"pool_type": "avg", "no_ln_pre": true`, func(o *OpenCLIP) { o.Vision.PoolType, o.Vision.NoLNPre = "avg", true }},
		{"vision_cfg", `"ls_init_value": null, "patch_dropout": 0.0, "qk_norm": false, "timm_drop": 0.1`, func(*OpenCLIP) {}},
		{"text_cfg", `"norm_kwargs": {"eps": 1e-5}`, func(*OpenCLIP) {}},
		{"text_cfg", `"pad_id": 1, "act_kwargs": {}, "proj_type": "linear"`, func(*OpenCLIP) {}},
	} {
		want, err := ReadModel([]byte(plainModel))
		if err != nil {
			t.Fatal(err)
		}
		c.want(want)
		if got, err := ReadModel(modelWith(c.section, c.fields)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", c.fields, got, err)
		}
	}
}

func TestModelOptionsThatAreNotImplemented(t *testing.T) {
	for _, c := range []struct{ section, fields, want string }{
		{"", `"nonscalar_logit_scale": true`, "nonscalar_logit_scale true is not implemented"},
		{"", `"multimodal_cfg": {"width": 1}`, "multimodal_cfg"},
		{"", `"unknown": 1`, "unknown"},
		{"vision_cfg", `"timm_model_name": "vit_so400m"`, `vision_cfg.timm_model_name "vit_so400m" is not implemented`},
		{"vision_cfg", `"attentional_pool": true, "scale_fc": true`, "vision_cfg.scale_fc true is not implemented"},
		{"vision_cfg", `"pool_type": "none"`, `vision_cfg.pool_type "none" is not implemented`},
		{"vision_cfg", `"pos_embed_type": "sin_cos_2d"`, "vision_cfg.pos_embed_type"},
		{"vision_cfg", `"head_width": 100`, "does not divide"},
		{"vision_cfg", `"mlp_ratio": 0.0001`, "leaves nothing"},
		{"text_cfg", `"hf_model_name": "roberta-base"`, "text_cfg.hf_model_name"},
		{"text_cfg", `"pool_type": "eos"`, `text_cfg.pool_type "eos" is not implemented`},
		{"text_cfg", `"norm_kwargs": {"eps": 1e-6}`, `text_cfg.norm_kwargs {"eps":1e-6} is not implemented`},
	} {
		if _, err := ReadModel(modelWith(c.section, c.fields)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.fields, err, c.want)
		}
	}
	odd := strings.Replace(plainModel, `"heads": 8`, `"heads": 7`, 1)
	if _, err := ReadModel([]byte(odd)); err == nil || !strings.Contains(err.Error(), "no multiple of text_cfg.heads 7") {
		t.Error(err)
	}
}

// The files in examples/models are the catalogue's entries, as open_clip reads them.
func TestExampleModels(t *testing.T) {
	names := []string{"tiny", "ViT-B-32", "ViT-B-16", "ViT-L-14", "ViT-H-14", "ViT-g-14"}
	for _, name := range names {
		path := "../examples/models/" + name + ".json"
		m, ok := LookupModel(name)
		if !ok {
			t.Fatalf("%s is not in the catalogue", name)
		}
		if *update {
			text, err := json.MarshalIndent(m.OpenCLIP, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ReadModel(text); err != nil || !reflect.DeepEqual(got, m.OpenCLIP) {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
}

// A configuration that is taken has shapes that can be counted, and is read back the same.
func FuzzReadModel(f *testing.F) {
	for _, seed := range [][]byte{[]byte(plainModel), modelWith("", `"init_logit_bias": -10`), modelWith("vision_cfg", `"pool_type": "avg"`), modelWith("text_cfg", `"act_kwargs": null`), []byte(`{"vision_cfg": null}`), []byte("[]")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := ReadModel(text)
		if err != nil {
			return
		}
		m := Model{OpenCLIP: got}
		if m.Params() <= 0 || !(m.GMACs().Total() > 0) || got.Vision.Width%got.Vision.Heads() != 0 {
			t.Fatalf("%s: %d parameters, %v", text, m.Params(), m.GMACs())
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ReadModel(again); err != nil || !reflect.DeepEqual(back, got) {
			t.Fatalf("%s reads back as %+v, %v", again, back, err)
		}
	})
}
