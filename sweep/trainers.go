package sweep

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
	ClipRevision    = "clip-1"
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
			Default: FitAsk{Metric: "icons-test/top1_error", Rule: "pareto", Law: "power", Select: "best"},
			Recipe: Values{"batch_size": int64(128), "learning_rate": 2e-3, "weight_decay": 0.1,
				"beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "schedule": "cosine", "precision": "fp32"},
		},
		{
			Name: TrainerOpenCLIP, Revision: "openclip-1", Tasks: openclipTasks,
			Default: FitAsk{Metric: "imagenet1k/top1_error", Rule: "pareto", Law: "power", Select: "best"},
			Recipe: Values{"batch_size": int64(32768), "learning_rate": 5e-4, "warmup": int64(10000), "weight_decay": 0.2,
				"beta1": 0.9, "beta2": 0.98, "eps": 1e-6, "schedule": "cosine", "precision": "amp_bf16"},
		},
		{
			Name: TrainerSurface, Revision: SurfaceRevision, Available: true, Tasks: []string{"surface"}, Batched: true,
			Default: FitAsk{Metric: "surface/top1_error", Rule: "pareto", Law: "power", Select: "best"},
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

// takes reports whether the trainer can train this model on this data; why not, otherwise.
func (t TrainerInfo) takes(m Model, d Dataset) (bool, string) {
	if t.Name == TrainerClip && m.Ladder == nil {
		return false, "the clip trainer takes the icons-* ladder in this version"
	}
	if t.Name == TrainerClip && d.Source != "icons-32" {
		return false, "the clip trainer takes the icons-* data sets in this version"
	}
	if t.Name == TrainerOpenCLIP && m.OpenCLIP == nil {
		return false, "the openclip trainer takes open_clip's models"
	}
	return true, ""
}
