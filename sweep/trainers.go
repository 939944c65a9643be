package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The trainers' names.
const (
	TrainerClip     = "clip"
	TrainerOpenCLIP = "openclip"
	TrainerCommand  = "command"
	TrainerSurface  = "surface"
)

// Revisions of the trainers' numerics: one changes when the same run would give other bits,
// and with it every run id.
const (
	ClipRevision    = "clip-2"
	SurfaceRevision = "surface-1"
)

// TrainerInfo is what planning needs to know of a trainer.
type TrainerInfo struct {
	Name      string
	Revision  string
	Available bool     // this program can train with it, not only plan
	Tasks     []string // evaluations it can be asked for
	Batched   bool     // its runs take milliseconds and are done many at a time
	Default   FitAsk   // the fit of a sweep that asks for none
	Recipe    Values   // defaults of the recipe's fields

	Precisions []string // that it can compute in; nil: any
	MinBatch   int64    // global batch size
	MaxBatch   int64    // 0: no bound but the field's
}

// Tasks of icons-32; icons-shift is the mean of emoji, pixel and colour.
var iconsTasks = []string{"icons-test", "icons-test-all", "icons-emoji", "icons-pixel", "icons-colour", "icons-shift", "icons-retrieval"}

var openclipTasks = []string{"imagenet1k", "imagenet_robustness", "mscoco", "flickr30k", "vtab"}

var (
	classificationMetrics = []string{"top1_error", "top5_error", "mean_per_class_error"}
	retrievalMetrics      = []string{
		"image_recall@1", "image_recall@5", "image_recall@10",
		"text_recall@1", "text_recall@5", "text_recall@10",
	}
)

// Trainers is the catalogue of trainers. The defaults of clip's recipe were tuned on the
// ladder (docs/ladder.md); openclip's are those of open_clip's own training program.
//
//	field          clip                          openclip  surface
//	batch_size     128                           32768     1000
//	learning_rate  2e-3                          5e-4      1e-3
//	warmup         a tenth of the steps, <= 200  10000     0
//	weight_decay   0.1                           0.2       0
//	beta1, beta2   0.9, 0.98                     the same
//	eps            1e-8                          1e-6      1e-8
//	schedule       cosine                        cosine    cosine
//	precision      fp32                          amp_bf16  fp32
func Trainers() []TrainerInfo {
	return []TrainerInfo{
		{
			Name: TrainerClip, Revision: ClipRevision, Available: true, Tasks: iconsTasks,
			Default: FitAsk{Metric: "icons-test/top1_error", Rule: "envelope", Law: "power", Select: "best"},
			Recipe: Values{"batch_size": int64(128), "learning_rate": 2e-3, "weight_decay": 0.1,
				"beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "schedule": "cosine", "precision": "fp32"},
			// One pair has nothing to be told from. On a CPU the logits of 131,072 pairs fill
			// 64 GiB, which the plan counts; a GPU does not keep them.
			Precisions: []string{PrecisionFP32, PrecisionTF32, PrecisionBF16}, MinBatch: 2, MaxBatch: 131_072,
		},
		{
			Name: TrainerOpenCLIP, Revision: "openclip-1", Tasks: openclipTasks,
			Default: FitAsk{Metric: "imagenet1k/top1_error", Rule: "envelope", Law: "power", Select: "best"},
			Recipe: Values{"batch_size": int64(32768), "learning_rate": 5e-4, "warmup": int64(10000), "weight_decay": 0.2,
				"beta1": 0.9, "beta2": 0.98, "eps": 1e-6, "schedule": "cosine", "precision": "amp_bf16"},
		},
		{
			Name: TrainerSurface, Revision: SurfaceRevision, Available: true, Tasks: []string{"surface"}, Batched: true,
			// Its law has no best model size, which the rule envelope refuses.
			Default: FitAsk{Metric: "surface/top1_error", Rule: "all", Law: "power", Select: "best"},
			Recipe: Values{"batch_size": int64(1000), "learning_rate": 1e-3, "warmup": int64(0), "weight_decay": 0.0,
				"beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "schedule": "cosine", "precision": "fp32"},
		},
	}
}

// LookupTrainer finds a trainer of the catalogue.
func LookupTrainer(name string) (TrainerInfo, bool) {
	return find(Trainers(), func(t TrainerInfo) bool { return t.Name == name })
}

// Metrics lists the metrics of a task as TASK/METRIC.
func Metrics(task string) []string {
	metrics := classificationMetrics
	switch task {
	case "icons-retrieval", "mscoco", "flickr30k":
		metrics = retrievalMetrics
	case "surface":
		metrics = []string{"top1_error"}
	case "icons-shift":
		metrics = []string{"top1_error", "top5_error"}
	}
	var names []string
	for _, m := range metrics {
		names = append(names, task+"/"+m)
	}
	return names
}

// ofClip are the recipe's fields that only the trainer clip has.
var ofClip = []string{"order", "augment", "accum_freq", "grad_checkpointing", "device", "devices"}

// accepts wants a recipe's value to be one that the trainer can work with.
func (t TrainerInfo) accepts(field string, value any) error {
	if slices.Contains(ofClip, field) && t.Name != TrainerClip {
		return fmt.Errorf("%s is for the trainer %s", field, TrainerClip)
	}
	switch x := value.(type) {
	case string:
		if field == "precision" && t.Precisions != nil && !slices.Contains(t.Precisions, x) {
			return fmt.Errorf("the trainer %s computes in %s, not in %s", t.Name, strings.Join(t.Precisions, ", "), x)
		}
	case int64:
		if field == "batch_size" && (x < t.MinBatch || t.MaxBatch > 0 && x > t.MaxBatch) {
			return fmt.Errorf("%d is outside the trainer %s's %d to %d", x, t.Name, t.MinBatch, t.MaxBatch)
		}
	}
	return nil
}

// SourceIcons is the source of the icons-* data sets.
const SourceIcons = "icons-32"

// iconSide is the width and height of an icon of icons-32.
const iconSide = 32

// takesModel wants a model that the trainer can train.
func (t TrainerInfo) takesModel(m Model) error {
	if t.Name == TrainerOpenCLIP && m.OpenCLIP == nil {
		return errors.New("the trainer openclip takes open_clip's models")
	}
	return nil
}

// takesData wants a data set that the trainer can train on.
func (t TrainerInfo) takesData(d Dataset) error {
	if t.Name == TrainerClip && d.Source != SourceIcons && d.Source != SourceFiles {
		return errors.New("the trainer clip takes the icons-* data sets, and files")
	}
	return nil
}

// takes wants a model that can be trained on the data.
func (t TrainerInfo) takes(m Model, d Dataset) error {
	switch {
	case t.Name != TrainerClip:
	case d.Source == SourceIcons && m.OpenCLIP != nil && m.OpenCLIP.Vision.ImageSize != iconSide:
		return fmt.Errorf("icons have %d pixels, the model's vision_cfg.image_size is %d: it takes files of images", iconSide, m.OpenCLIP.Vision.ImageSize)
	case d.Source == SourceFiles && m.Ladder != nil:
		return errors.New("the icons-* ladder takes the icons-* data sets only; files are for open_clip's models")
	}
	return nil
}
