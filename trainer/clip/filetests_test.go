package clip

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/dataset"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
)

// randomModel is a small model whose weights are large enough that its vectors differ.
func randomModel(t *testing.T) *Embedder {
	t.Helper()
	var run sweep.Run
	tinyViT(&run)
	s := &Saved{Run: run, Transform: picture.Evaluation(32), Tensors: openclip.First(*run.Model.OpenCLIP, 5)}
	random := rand.New(rand.NewPCG(1, 2))
	for _, x := range s.Tensors {
		for i := range x.Data {
			x.Data[i] += float32(0.2 * random.NormFloat64())
		}
	}
	e, err := Engine{}.Embedder(s, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// noise writes n images of different sizes into folders of classes, and a table of them.
func noise(t *testing.T, n int) (dir, table string, files, captions []string, labels []int) {
	t.Helper()
	dir = t.TempDir()
	random := rand.New(rand.NewPCG(3, 4))
	rows := []string{"filepath,title"}
	for i := range n {
		class := i * 7 / n
		img := image.NewRGBA(image.Rect(0, 0, 20+random.IntN(60), 20+random.IntN(60)))
		for p := range img.Pix {
			img.Pix[p] = uint8(random.IntN(256)) | 255*uint8((p%4)/3)
		}
		path := filepath.Join(dir, fmt.Sprintf("class_%c", 'a'+class), fmt.Sprintf("%03d.png", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil || png.Encode(f, img) != nil || f.Close() != nil {
			t.Fatal(err)
		}
		files, labels = append(files, path), append(labels, class)
		captions = append(captions, fmt.Sprintf("text number %d of %d", random.IntN(1000), i))
		rows = append(rows, path+","+captions[i])
	}
	table = filepath.Join(dir, "pairs.csv")
	if err := os.WriteFile(table, []byte(strings.Join(rows, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, table, files, captions, labels
}

// rank is how many of the vectors have a larger cosine with q than vector own, in float64.
func rank(q []float32, vectors [][]float64, own int) (n int) {
	cosine := func(v []float64) (sum float64) {
		for i := range v {
			sum += float64(q[i]) * v[i]
		}
		return sum
	}
	for i, v := range vectors {
		if i != own && cosine(v) > cosine(vectors[own]) {
			n++
		}
	}
	return n
}

func wide(rows [][]float32) (all [][]float64) {
	for _, row := range rows {
		var w []float64
		for _, v := range row {
			w = append(w, float64(v))
		}
		all = append(all, w)
	}
	return all
}

func vectorsOf(t *testing.T, embed func(context.Context, []string) ([][]float32, error), inputs []string) [][]float32 {
	t.Helper()
	rows, err := embed(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func checkScores(t *testing.T, got FileScores, err error, want map[string]float64, samples int64) {
	t.Helper()
	if err != nil || len(got.Scores) != len(want) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, s := range got.Scores {
		if w, ok := want[s.Task+"/"+s.Metric]; !ok || math.Abs(s.Value-w) > 1e-12 || s.Samples != samples || s.Revision == "" || s.Evaluator != Evaluator {
			t.Errorf("%+v, want %g of %d samples", s, w, samples)
		}
	}
}

const noisy = 45 // images: more than are embedded at once, and no multiple of that

func TestClassifyIsTheDefinition(t *testing.T) {
	e := randomModel(t)
	dir, _, files, _, labels := noise(t, noisy)
	templates := filepath.Join(t.TempDir(), "templates.txt")
	if err := os.WriteFile(templates, []byte("a photo of a {c}\n{c}\n{c} or {c}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var means [][]float64
	for class := range 7 {
		name := fmt.Sprintf("class %c", 'a'+class)
		prompts := wide(vectorsOf(t, e.Texts, []string{"a photo of a " + name, name, name + " or " + name}))
		mean, length := make([]float64, e.dims), 0.0
		for i := range mean {
			mean[i] = (prompts[0][i] + prompts[1][i] + prompts[2][i]) / 3
			length += mean[i] * mean[i]
		}
		for i := range mean {
			mean[i] /= math.Sqrt(length)
		}
		means = append(means, mean)
	}
	var top1, top5 float64
	wrong, seen := make([]float64, 7), make([]float64, 7)
	for i, v := range vectorsOf(t, e.Images, files) {
		r := rank(v, means, labels[i])
		seen[labels[i]]++
		if r >= 1 {
			top1++
			wrong[labels[i]]++
		}
		if r >= 5 {
			top5++
		}
	}
	perClass := 0.0
	for c := range 7 {
		perClass += wrong[c] / seen[c] / 7
	}
	if top1 == 0 || top1 == noisy || top5 == 0 {
		t.Fatalf("%g and %g of %d errors show nothing", top1, top5, noisy)
	}
	set, err := dataset.Open(dir, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := set.Classification("", templates)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Classify(t.Context(), c, 2)
	checkScores(t, got, err, map[string]float64{"zeroshot/top1_error": top1 / noisy, "zeroshot/top5_error": top5 / noisy, "zeroshot/mean_per_class_error": perClass}, noisy)
	bare, err := set.Classification("", "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := e.Classify(t.Context(), bare, 1)
	if err != nil || other.Scores[0].Revision == got.Scores[0].Revision {
		t.Errorf("other templates have the same revision: %+v, %v", other, err)
	}
	c.Classes = c.Classes[:4]
	if _, err := e.Classify(t.Context(), c, 2); !errors.Is(err, sweep.ErrDataMissing) || !strings.Contains(err.Error(), "is of class 4, and there are 4") {
		t.Errorf("a class without a name: %v", err)
	}
}

func TestRetrieveIsTheDefinition(t *testing.T) {
	e := randomModel(t)
	_, table, files, captions, _ := noise(t, noisy)
	images, texts := vectorsOf(t, e.Images, files), vectorsOf(t, e.Texts, captions)
	want := map[string]float64{}
	for i := range noisy {
		for what, r := range map[string]int{"image": rank(texts[i], wide(images), i), "text": rank(images[i], wide(texts), i)} {
			for _, k := range []int{1, 5, 10} {
				name := fmt.Sprintf("retrieval/%s_recall@%d", what, k)
				if want[name] += 0; r < k {
					want[name] += 1.0 / noisy
				}
			}
		}
	}
	if want["retrieval/image_recall@10"] == 0 || want["retrieval/text_recall@10"] == 0 {
		t.Fatalf("%v show nothing", want)
	}
	retrieve := func() (FileScores, error) {
		set, err := dataset.Open(table, dataset.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return e.Retrieve(t.Context(), set, 2)
	}
	got, err := retrieve()
	checkScores(t, got, err, want, noisy)
	if got.Bad != 0 || got.Incomplete != 0 {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(files[7], []byte("no image"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err = retrieve(); err != nil || got.Bad != 1 || got.Scores[0].Samples != noisy-1 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := os.WriteFile(table, []byte("filepath,title\n,one\n,two\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err = retrieve(); !errors.Is(err, sweep.ErrDataMissing) || !strings.Contains(err.Error(), "no pair of image and caption") {
		t.Errorf("a table without images: %v", err)
	}
}

// Ranks are counted row by row, in blocks: more queries than a block has, ties by the place.
func TestRanksOf(t *testing.T) {
	d, err := Engine{}.one(need{threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	const n = 2*evalRows + 3
	queries, at, want := make([]float32, 2*n), make([]int, n), make([]int, n)
	for i := range n {
		angle := float64(i)
		queries[2*i], queries[2*i+1] = float32(math.Cos(angle)), float32(math.Sin(angle))
		at[i] = i % 4
		axes := []float64{math.Cos(angle), math.Sin(angle), -math.Cos(angle), -math.Sin(angle)}
		own := axes[at[i]]
		slices.SortFunc(axes, func(a, b float64) int { return int(math.Copysign(1, b-a)) })
		want[i] = slices.Index(axes, own)
	}
	got, err := ranksOf(d, 2, queries, []float32{1, 0, 0, 1, -1, 0, 0, -1}, at)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n%v\n%v", got, want, err)
	}
	if got, _ := ranksOf(d, 1, []float32{1, 1}, []float32{2, 2, 2}, []int{0, 2}); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("equal ones: %v", got)
	}
}
