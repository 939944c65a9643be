package sweep

import (
	"strconv"
	"strings"
	"testing"
)

// refusal is a sweep file that is wrong in one way.
type refusal struct {
	name, text  string
	line        int
	field, says string
	// onlyParse marks what takes more than one value at a time to see: a JSON Schema cannot.
	onlyParse bool
}

// with is the small sweep with lines added, which begin at line 7.
func with(lines string) string { return small + lines }

// instead is the small sweep with something replaced.
func instead(of, by string) string {
	if !strings.Contains(small, of) {
		return ""
	}
	return strings.Replace(small, of, by, 1)
}

var refusals = []refusal{
	{name: "no name", text: instead("name: s\n", ""), line: 1, field: "name", says: "is missing"},
	{name: "no trainer", text: instead("trainer: clip\n", ""), line: 1, field: "trainer", says: "is missing"},
	{name: "no grid", text: "name: s\ntrainer: clip\n", line: 1, field: "grid", says: "is missing"},
	{name: "no model", text: instead("  model: [icons-w4, icons-w8]\n", ""), line: 4, field: "grid.model", says: "every run needs it"},
	{name: "no samples", text: instead("  samples_seen: [128K]\n", ""), line: 4, field: "grid.samples_seen", says: "every run needs it"},
	{name: "name with a space", text: instead("name: s", "name: my sweep"), line: 1, field: "name", says: "lower-case"},
	{name: "name too long", text: instead("name: s", "name: "+strings.Repeat("s", 101)), line: 1, field: "name", says: "up to 100"},
	{name: "name is a list", text: instead("name: s", "name: [s]"), line: 1, field: "name", says: "must be one value, not a list"},
	{name: "unknown key", text: with("chekpoints: 2\n"), line: 7, field: "chekpoints", says: `did you mean "checkpoints"?`},
	{name: "far from every key", text: with("zzzzzzzzzzzz: 2\n"), line: 7, field: "zzzzzzzzzzzz", says: "known are name, trainer"},
	{name: "unknown trainer", text: instead("clip", "clap"), line: 2, field: "trainer", says: `did you mean "clip"?`},
	{name: "later trainer", text: instead("clip", "command"), line: 2, field: "trainer", says: "not part of this version"},
	{name: "unknown model", text: instead("icons-w8", "iconsw9"), line: 4, field: "grid.model[1]", says: "did you mean \"icons-w"},
	{name: "unknown data", text: instead("icons-6k", "icons-61k"), line: 5, field: "grid.data[0]", says: "did you mean \"icons-6k\"?"},
	{name: "unknown axis", text: with("  lerning_rate: [1]\n"), line: 7, field: "grid.lerning_rate", says: `did you mean "learning_rate"?`},
	{name: "empty axis", text: instead("[128K]", "[]"), line: 6, field: "grid.samples_seen", says: "must not be empty"},
	{name: "axis without a list", text: instead("[128K]", "128K"), line: 6, field: "grid.samples_seen", says: `must be a list, not "128K"`},
	{name: "axis of nothing", text: instead("[128K]", ""), line: 6, field: "grid.samples_seen", says: "must be a list, not nothing"},
	{name: "value twice", text: instead("[icons-6k]", "[icons-6k, icons-6k]"), line: 5, field: "grid.data", says: "stands twice"},
	{name: "number twice, written two ways", text: instead("[128K]", "[128K, 128000]"), line: 6, field: "grid.samples_seen", says: "stands twice", onlyParse: true},
	{name: "list in a list", text: instead("[128K]", "[[128K]]"), line: 6, field: "grid.samples_seen[0]", says: "must be one value, not a list"},
	{name: "no samples at all", text: instead("128K", "0"), line: 6, field: "grid.samples_seen[0]", says: "outside 1 to"},
	{name: "samples in words", text: instead("128K", "many"), line: 6, field: "grid.samples_seen[0]", says: "not a whole number"},
	{name: "half a sample", text: instead("128K", "128.5"), line: 6, field: "grid.samples_seen[0]", says: "whole number"},
	{name: "negative seed", text: with("  seed: [-1]\n"), line: 7, field: "grid.seed[0]", says: "-1 is outside"},
	{name: "recipe is a list", text: with("recipe: [1]\n"), line: 7, field: "recipe", says: "must be a mapping of batch_size"},
	{name: "recipe sets the model", text: with("recipe: {model: icons-w4}\n"), line: 7, field: "recipe.model", says: "unknown key"},
	{name: "learning rate of zero", text: with("recipe: {learning_rate: 0}\n"), line: 7, field: "recipe.learning_rate", says: "0 is not more than 0"},
	{name: "learning rate is no number", text: with("recipe: {learning_rate: .nan}\n"), line: 7, field: "recipe.learning_rate", says: "not a finite number"},
	{name: "batch of zero", text: with("recipe: {batch_size: 0}\n"), line: 7, field: "recipe.batch_size", says: "0 is outside"},
	{name: "batch of one", text: with("recipe: {batch_size: 1}\n"), line: 7, field: "recipe.batch_size", says: "the trainer clip's 2 to 131072", onlyParse: true},
	{name: "warm-up of more than all", text: with("recipe: {warmup: 101%}\n"), line: 7, field: "recipe.warmup", says: "between 0% and 100%"},
	{name: "warm-up in words", text: with("recipe: {warmup: short}\n"), line: 7, field: "recipe.warmup", says: "neither a number of steps nor a share"},
	{name: "unknown schedule", text: with("recipe: {schedule: cosin}\n"), line: 7, field: "recipe.schedule", says: `did you mean "cosine"?`},
	{name: "beta of one", text: with("recipe: {beta2: 1}\n"), line: 7, field: "recipe.beta2", says: "1 is outside"},
	{name: "precision that clip lacks", text: with("recipe: {precision: amp}\n"), line: 7, field: "recipe.precision", says: "computes in fp32, tf32, amp_bf16, not in amp", onlyParse: true},
	{name: "clip with a transformer", text: instead("icons-w8", "ViT-B-32"), line: 4, field: "grid", says: "icons have 32 pixels", onlyParse: true},
	{name: "clip on LAION", text: instead("icons-6k", "LAION-2B"), line: 5, field: "grid.data[0]", says: "takes the icons-* data sets, and files", onlyParse: true},
	{name: "openclip with the ladder", text: instead("clip", "openclip"), line: 4, field: "grid.model[0]", says: "takes open_clip's models", onlyParse: true},
	{name: "exclude of no axis", text: with("exclude: [{modle: icons-w4}]\n"), line: 7, field: "exclude[0].modle", says: `did you mean "model"?`},
	{name: "exclude without effect", text: with("exclude: [{model: icons-w16}]\n"), line: 7, field: "exclude[0]", says: "matches no cell of the grid", onlyParse: true},
	{name: "exclude of an included cell", text: with("include: [{model: icons-w16, data: icons-6k, samples_seen: 1M}]\nexclude: [{samples_seen: 1M}]\n"), line: 8, field: "exclude[0]", says: "matches no cell of the grid", onlyParse: true},
	{name: "include without data", text: with("include: [{model: icons-w16, samples_seen: 1M}]\n"), line: 7, field: "include[0].data", says: "a cell beside the grid states it"},
	{name: "include of a grid cell", text: with("include: [{model: icons-w8, data: icons-6k, samples_seen: 128K}]\n"), line: 7, field: "include[0]", says: "cell 3 is cell 2 again", onlyParse: true},
	{name: "two amounts that come to the same batches", text: instead("[128K]", "[128K, 127990]"), line: 4, field: "grid", says: "cell 2 is cell 1 again", onlyParse: true},
	{name: "rule without set", text: with("rules: [{when: {model: icons-w4}}]\n"), line: 7, field: "rules[0]", says: "needs both when and set"},
	{name: "rule that matches nothing", text: with("rules: [{when: {model: icons-w16}, set: {beta1: 0.5}}]\n"), line: 7, field: "rules[0].when", says: "matches no cell", onlyParse: true},
	{name: "rule for excluded cells only", text: with("exclude: [{model: icons-w8}]\nrules: [{when: {model: icons-w8}, set: {beta1: 0.5}}]\n"), line: 8, field: "rules[0].when", says: "matches no cell", onlyParse: true},
	{name: "rule that an axis wins over", text: with("  seed: [1]\n  beta1: [0.8, 0.9]\nrules: [{when: {model: icons-w8}, set: {beta1: 0.5}}]\n"), line: 9, field: "rules[0].set.beta1", says: "sets nothing", onlyParse: true},
	{name: "rule that sets the seed", text: with("rules: [{when: {model: icons-w4}, set: {seed: 1}}]\n"), line: 7, field: "rules[0].set.seed", says: "unknown key"},
	{name: "no checkpoint", text: with("checkpoints: 0\n"), line: 7, field: "checkpoints", says: "0 is outside 1 to 10000"},
	{name: "unknown task", text: with("evaluate: [icons-tset]\n"), line: 7, field: "evaluate[0]", says: `did you mean "icons-test"?`},
	{name: "task twice", text: with("evaluate: [icons-test, icons-test]\n"), line: 7, field: "evaluate[1]", says: "stands twice"},
	{name: "task of another trainer", text: with("evaluate: [imagenet1k]\n"), line: 7, field: "evaluate[0]", says: "unknown evaluate", onlyParse: true},
	{name: "fit without a metric", text: with("fits: [{rule: all}]\n"), line: 7, field: "fits[0].metric", says: "is missing"},
	{name: "unknown metric", text: with("fits: [{metric: icons-test/top1_eror}]\n"), line: 7, field: "fits[0].metric", says: `did you mean "icons-test/top1_error"?`},
	{name: "metric of no task here", text: with("evaluate: [icons-test]\nfits: [{metric: icons-shift/top1_error}]\n"), line: 8, field: "fits[0].metric", says: "add it to evaluate", onlyParse: true},
	{name: "metric of no task by default", text: with("fits: [{metric: icons-emoji/top1_error}]\n"), line: 7, field: "fits[0].metric", says: "add it to evaluate", onlyParse: true},
	{name: "unknown rule", text: with("fits: [{metric: icons-test/top1_error, rule: paretto}]\n"), line: 7, field: "fits[0].rule", says: `did you mean "pareto"?`},
	{name: "unknown law", text: with("fits: [{metric: icons-test/top1_error, law: powr}]\n"), line: 7, field: "fits[0].law", says: `did you mean "power"?`},
	{name: "rule of another law", text: with("fits: [{metric: icons-test/top1_error, law: chinchilla, rule: pareto}]\n"), line: 7, field: "fits[0].rule", says: "does not suit the law chinchilla, which takes all", onlyParse: true},
	{name: "unknown group", text: with("fits: [{metric: icons-test/top1_error, group_by: seed}]\n"), line: 7, field: "fits[0].group_by", says: "known are data, model"},
	{name: "concurrency over the bound", text: with("limits: {concurrency: 501}\n"), line: 7, field: "limits.concurrency", says: "501 is outside 1 to 500"},
	{name: "no attempts", text: with("limits: {attempts: 0}\n"), line: 7, field: "limits.attempts", says: "outside 1 to"},
	{name: "free devices", text: with("limits: {price_per_device_hour: 0}\n"), line: 7, field: "limits.price_per_device_hour", says: "0 is outside"},
	{name: "negative hours", text: with("limits: {gpu_hours: -1}\n"), line: 7, field: "limits.gpu_hours", says: "-1 is outside"},
	{name: "surface for clip", text: with("surface: {alpha: -0.1, beta: 5}\n"), line: 7, field: "surface", says: "belongs to the trainer surface"},
	{name: "surface without a law", text: instead("clip", "surface"), line: 2, field: "surface", says: "needs alpha and beta"},
	{name: "law without beta", text: instead("clip", "surface") + "surface: {alpha: -0.1}\n", line: 7, field: "surface.beta", says: "is missing"},
	{name: "law that grows", text: instead("clip", "surface") + "surface: {alpha: 0.1, beta: 5}\n", line: 7, field: "surface.alpha", says: "0.1 is outside -10 to 0"},
	{name: "a list", text: "- name: s\n", line: 1, says: "must be a mapping of name, trainer"},
	{name: "a word", text: "sweep\n", line: 1, says: "must be a mapping of name, trainer"},
	{name: "key twice", text: with("trainer: clip\n"), line: 7, field: "trainer", says: "stands twice", onlyParse: true},
}

// What is wrong is said with its line, its field and the way out.
func TestParseRefuses(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			if c.text == "" {
				t.Fatal("the small sweep has not what this case replaces")
			}
			_, err := Parse([]byte(c.text), ParseOptions{})
			wantProblem(t, c.name, err, c.line, c.field, c.says)
		})
	}
}

// Text that is no YAML at all, or not one document.
func TestParseRefusesWhatIsNotASweepFile(t *testing.T) {
	for _, c := range []refusal{
		{name: "empty", text: "", says: "the file is empty"},
		{name: "a comment", text: "# later\n", says: "the file is empty"},
		{name: "a tab", text: instead("  model", "\tmodel"), line: 4, says: "not YAML"},
		{name: "open bracket", text: with("evaluate: [icons-test\n"), line: 7, says: "not YAML"},
		{name: "open brace", text: instead("[128K]", "{128K"), line: 6, says: "not YAML"},
		{name: "bracket that nothing opened", text: "]", line: 1, says: "not YAML"},
		{name: "list among keys", text: with("- c\n"), line: 7, says: "not YAML: did not find expected key"},
		{name: "open quote", text: with("evaluate: \"\n\n"), line: 7, says: "not YAML"}, // where it opens,
		{name: "unknown anchor", text: with("recipe: *none\n"), says: "not YAML: unknown anchor 'none'"},
		{name: "latin1", text: instead("name: s", "name: s\xe9"), says: "not UTF-8"},
		{name: "two documents", text: with("---\nname: t\n"), line: 7, says: "more than one YAML document"},
	} {
		_, err := Parse([]byte(c.text), ParseOptions{})
		wantProblem(t, c.name, err, c.line, "", c.says)
	}
}

// A grid of anchors and aliases is read like what it stands for.
func TestParseFollowsAliases(t *testing.T) {
	spec, err := Parse([]byte(with("evaluate: &t [icons-test, &s icons-shift]\nfits: []\nexclude: [&c {model: &m icons-w4}]\ninclude: [{model: *m, data: icons-32k, samples_seen: 1M}]\n")), ParseOptions{})
	if err != nil || len(spec.Evaluate) != 2 || spec.Include[0]["model"] != "icons-w4" {
		t.Errorf("%+v, %v", spec, err)
	}
}

func TestParseRefusesGridsBeyondReason(t *testing.T) {
	var numbers []string
	for i := range 1000 {
		numbers = append(numbers, strconv.Itoa(i+1))
	}
	list := "[" + strings.Join(numbers, ", ") + "]\n"
	_, err := Parse([]byte(with("  seed: "+list+"  learning_rate: "+list)), ParseOptions{})
	wantProblem(t, "2,000,000 cells", err, 4, "grid", "has more than 1000000 cells")
}
