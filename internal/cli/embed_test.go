package cli

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
)

// trainTiny trains the model tiny for a few steps into a folder.
func trainTiny(t *testing.T, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tiny")
	o := succeeds(t, environ(t), append([]string{"train", "--model", "tiny", "--data", "icons-6k", "--samples-seen", "96", "--batch-size", "32", "--out", dir}, more...)...)
	if strings.Contains(o.err, "no_law") {
		t.Errorf("one run is no law: %s", o.err)
	}
	return dir
}

// pictures writes three images, named against their order.
func pictures(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"c.png", "a.png", "b.png"} {
		img := image.NewGray(image.Rect(0, 0, 40, 30))
		for p := range img.Pix {
			img.Set(p%40, p/40, color.Gray{Y: uint8(p * (i + 1))})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEmbed(t *testing.T) {
	dir, images := trainTiny(t), pictures(t)
	texts := filepath.Join(t.TempDir(), "texts.txt")
	if err := os.WriteFile(texts, []byte("a cat\r\n\na cat\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	v := decode[vectors](t, succeeds(t, environ(t), "embed", dir, "--images", filepath.Join(images, "*.png"), "--texts", texts).out)
	if len(v.Images) != 3 || len(v.Texts) != 3 || v.LogitScale < 10 || v.LogitScale > 20 {
		t.Fatalf("%d images, %d texts, logit scale %g", len(v.Images), len(v.Texts), v.LogitScale)
	}
	for _, row := range append(v.Images, v.Texts...) {
		var square float64
		for _, x := range row {
			square += float64(x) * float64(x)
		}
		if len(row) != 64 || math.Abs(square-1) > 1e-5 {
			t.Errorf("%d numbers of length %g", len(row), math.Sqrt(square))
		}
	}
	if !reflect.DeepEqual(v.Texts[0], v.Texts[2]) || reflect.DeepEqual(v.Texts[0], v.Texts[1]) {
		t.Error("the same text has other vectors, or the empty one has its")
	}
	named := decode[vectors](t, succeeds(t, environ(t), "embed", dir, "--images", filepath.Join(images, "a.png"), "--images", filepath.Join(images, "c.png")).out)
	if !reflect.DeepEqual(named.Images, [][]float32{v.Images[0], v.Images[2]}) {
		t.Error("a glob is not sorted by name")
	}
}

func TestEmbedAsNPY(t *testing.T) {
	dir := trainTiny(t)
	o := invoke(environ(t), "one\ntwo\n", "embed", dir, "--texts", "-", "-o", "npy")
	want := invoke(environ(t), "one\ntwo\n", "embed", dir, "--texts", "-")
	at := strings.IndexByte(o.out, '\n') + 1
	if at%64 != 0 || !strings.Contains(o.out[:at], "'shape': (2, 64)") || len(o.out) != at+4*128 {
		t.Fatalf("%d bytes, header %q, %s", len(o.out), o.out[:at], o.err)
	}
	last := decode[vectors](t, want.out).Texts[1][63]
	b := []byte(o.out[len(o.out)-4:])
	if got := math.Float32frombits(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24); got != last {
		t.Errorf("the last number is %g, want %g", got, last)
	}
}

// A folder of open_clip's needs only its configuration and weights; a file of weights is known
// by what lies beside it, or by its shapes.
func TestModelsOfOpenCLIP(t *testing.T) {
	dir := trainTiny(t)
	want := succeeds(t, environ(t), "eval", dir, "--tasks", "icons-test", "-o", "json").out
	if err := os.Remove(filepath.Join(dir, "scalelaw_config.json")); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(dir, "open_clip_model.safetensors")
	for _, args := range [][]string{{dir}, {weights}, {weights, "--model", "tiny"}, {weights, "--model", "../../examples/models/tiny.json"}} {
		equal(t, strings.Join(args, " "), succeeds(t, environ(t), append([]string{"eval", "--tasks", "icons-test", "-o", "json"}, args...)...).out, want)
	}
	if err := os.Remove(filepath.Join(dir, "open_clip_config.json")); err != nil {
		t.Fatal(err)
	}
	o := succeeds(t, environ(t), "eval", weights, "--tasks", "icons-test", "-o", "json")
	equal(t, "known by its shapes", o.out, want)
	has(t, "the model that was assumed", o.err, "taken for tiny")
	fails(t, environ(t), exitBadInput, []string{"visual.", "ViT-B-32"}, "eval", weights, "--model", "ViT-B-32")
	fails(t, environ(t), exitBadInput, []string{`unknown model "tiyn"`, `did you mean "tiny"`}, "eval", weights, "--model", "tiyn")
}

// Weights for images of 32 pixels begin a model for 48: their positions are resized, all else is
// theirs.
func TestTrainFromWeightsOfAnotherSize(t *testing.T) {
	first := trainTiny(t)
	m, _ := sweep.LookupModel("tiny")
	larger := *m.OpenCLIP
	larger.Vision.ImageSize, m.OpenCLIP = 48, &larger
	saved, err := clip.OpenSaved(first, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, tensor := range saved.TensorsFor(m) {
		was := saved.Tensors[i]
		if resized := tensor.Name == "visual.positional_embedding"; resized != !slices.Equal(tensor.Shape, was.Shape) || resized && tensor.Shape[0] != 37 {
			t.Errorf("%s: %v becomes %v", tensor.Name, was.Shape, tensor.Shape)
		}
	}
	weights := filepath.Join(first, "open_clip_model.safetensors")
	if read, err := clip.OpenSaved(weights, &m); err != nil || read.Transform.Size != 48 {
		t.Errorf("%+v, %v", read, err)
	}
}

// Given weights are part of the run, however they are stored; every step is logged.
func TestTrainFromGivenWeights(t *testing.T) {
	first := trainTiny(t)
	second := trainTiny(t, "--init", first, "--order", "sequential", "--augment", "none")
	var run sweep.Run
	text, err := os.ReadFile(filepath.Join(second, "scalelaw_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &run); err != nil || len(run.Init) != 64 || run.Recipe.Order != "sequential" || run.Recipe.Augment != "none" {
		t.Errorf("%+v, %v", run, err)
	}
	lines, err := os.ReadFile(filepath.Join(second, "metrics.jsonl"))
	if err != nil || strings.Count(string(lines), "\n") != 3 {
		t.Errorf("%s, %v", lines, err)
	}
}

func TestEmbedRefusals(t *testing.T) {
	dir := trainTiny(t)
	ladder := filepath.Join(t.TempDir(), "w4")
	succeeds(t, environ(t), "train", "--model", "icons-w4", "--data", "icons-6k", "--samples-seen", "128", "--out", ladder)
	text := filepath.Join(t.TempDir(), "no.png")
	if err := os.WriteFile(text, []byte("no image"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{dir}, []string{"--images or --texts is needed"}},
		{[]string{dir, "--images", "nowhere/*.png"}, []string{"--images nowhere/*.png", "no such file"}},
		{[]string{dir, "--images", text}, []string{"no.png", "not a readable"}},
		{[]string{dir, "--texts", "nowhere.txt"}, []string{"--texts", "nowhere.txt"}},
		{[]string{dir, "--texts", text, "--threads", "-1"}, []string{"--threads is -1"}},
		{[]string{dir, "--texts", text, "-o", "csv"}, []string{"json or npy"}},
		{[]string{"nowhere", "--texts", text}, []string{"nowhere"}},
		{[]string{ladder, "--texts", text}, []string{"only open_clip's models embed files"}},
	} {
		o := invoke(environ(t), "", append([]string{"embed"}, c.args...)...)
		if o.code == 0 {
			t.Errorf("%v: %s", c.args, o.out)
		}
		for _, w := range c.want {
			has(t, strings.Join(c.args, " "), o.err, w)
		}
	}
}

// The slow engine is another run with nearly the same losses, whose model is open_clip's too.
func TestEngineGorgonia(t *testing.T) {
	loss := func(dir string) (l struct{ Loss float64 }) {
		text, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	model := filepath.Join(t.TempDir(), "small.json")
	if err := os.WriteFile(model, []byte(`{"embed_dim": 16, "vision_cfg": {"image_size": 32, "patch_size": 16, "layers": 1, "width": 32, "head_width": 16},
		"text_cfg": {"context_length": 6, "vocab_size": 512, "width": 32, "heads": 2, "layers": 1}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	native, other := trainTiny(t, "--model", model, "--batch-size", "8"), trainTiny(t, "--model", model, "--batch-size", "8", "--engine", "gorgonia")
	if a, b := loss(native).Loss, loss(other).Loss; math.Abs(a-b) > 1e-3*a {
		t.Errorf("after 12 steps the losses are %g and %g", a, b)
	}
	fails(t, environ(t), exitBadInput, []string{"holds another run"}, "train", "--model", model, "--data", "icons-6k", "--samples-seen", "96", "--batch-size", "8", "--out", other)
	succeeds(t, environ(t), "eval", other, "--tasks", "icons-test")
}
