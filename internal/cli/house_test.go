package cli

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
)

func TestVersion(t *testing.T) {
	v := decode[map[string]any](t, succeeds(t, environ(t), "version", "-o", "json").out)
	equal(t, "go", v["go"], runtime.Version())
	equal(t, "servers", v["servers"], "by address")
	if v["version"] == "" || v["schema"].(float64) < 1 {
		t.Errorf("%v", v)
	}
	has(t, "version", succeeds(t, environ(t), "version").out, "VERSION", runtime.Version(), Version())
}

// The verbs and their flags are a contract; what is listed here may grow, not shrink.
func TestHelpListsEveryVerb(t *testing.T) {
	for path, flags := range map[string]string{
		"run": "--keep --concurrency --threads --ui-port", "up": "--ui-port --web-port", "web": "--listen --tls-cert --tls-key --behind-proxy --tokens --temporal-ui", "worker": "--concurrency", "migrate": "",
		"plan": "", "submit": "--yes", "list": "", "status": "", "watch": "", "runs": "", "show": "", "logs": "--follow",
		"pause": "", "resume": "", "cancel": "", "retry": "", "set": "", "extend": "--yes", "evaluate": "", "delete": "", "prune": "",
		"fit csv":  "--x --y --y-is --id --where --group-by --rule --bins --pad --law --fit-on --n --d --bootstrap --seed --level --predict",
		"fit new":  "--metric --rule --law --group-by --select",
		"fit list": "--all", "fit show": "", "coefficients": "--sweep --metric --law --rule --all", "predict": "--compute --error --register --author --tolerance",
		"exclude": "--reason --author --rule", "include": "--reason --author", "exclusions": "--sweep --standing", "predictions": "--sweep --fit --open",
		"fit diff": "", "fit reproduce": "", "compare": "--csv --where --x --y --y-is --id --rule --law --pair --compute --error --bootstrap --seed --level",
		"report": "--out", "data list": "--image-key --caption-key --separator --root", "data show": "--check", "data export": "--format --out --shard-size --split", "data sheet": "--n --split --out", "eval": "--tasks --model --test --classes --templates --retrieval --image-key", "bench orchestrate": "--runs", "bench store": "--runs --points --readers --writers --seconds --pause --keep --use",
		"embed":      "--images --texts --model --threads --output",
		"train":      "--init --image-key --caption-key --separator --root --model --data --samples-seen --order --augment --seed --batch-size --learning-rate --weight-decay --warmup --beta1 --beta2 --eps --schedule --device --engine --out",
		"figure law": "--out --theme --width --scale --title --latex --data --csv --x --y --model-column --colour --reference --extrapolate", "figure residuals": "--csv", "figure isoflop": "--csv --metric",
		"figure curves": "--measure --against", "figure isodata": "--metric", "figure robustness": "--metric --shift", "figure heatmap": "--metric",
		"token create": "--label --scope --expires", "token list": "--all", "token revoke": "", "audit": "--actor --action --target --request --since --limit --after",
		"db url": "", "db psql": "", "doctor": "", "version": "", "completion bash": "",
	} {
		args := append([]string{"help"}, strings.Fields(path)...)
		o := succeeds(t, environ(t), args...)
		has(t, "help "+path, o.out, append(strings.Fields(flags), "scalelaw "+path, "--data-dir", "--database-url", "--log-level", "--no-color", "-o, --output")...)
		if again := succeeds(t, environ(t), append(strings.Fields(path), "--help")...); again.out != o.out {
			t.Errorf("%s --help differs from help %s", path, path)
		}
	}
}

// Without a verb the program shows what there is; on stdout, as it was not asked for anything.
func TestHelpAlone(t *testing.T) {
	want := succeeds(t, environ(t), "help").out
	has(t, "help", want, "Run sweeps:", "Laws:", "completion", "doctor")
	for _, args := range [][]string{nil, {"--help"}, {"-h"}} {
		equal(t, strings.Join(args, " "), succeeds(t, environ(t), args...).out, want)
	}
	has(t, "fit", succeeds(t, environ(t), "fit").out, "csv", "new", "list", "show", "diff", "reproduce")
}

func TestCompletion(t *testing.T) {
	has(t, "bash", succeeds(t, environ(t), "completion", "bash").out, "__start_scalelaw")
	has(t, "a shell's question", succeeds(t, environ(t), "__complete", "fit", "c").out, "csv\tFit a table")
}

func TestDataList(t *testing.T) {
	list := decode[[]sweep.Dataset](t, succeeds(t, environ(t), "data", "list", "-o", "json").out)
	if len(list) != len(sweep.Datasets()) || !slices.ContainsFunc(list, func(d sweep.Dataset) bool { return d.Name == "icons-6k" }) {
		t.Errorf("%+v", list)
	}
	has(t, "data list", succeeds(t, environ(t), "data", "list").out, "icons-160k", "LAION-2B", "openclip")
}

func TestDataShow(t *testing.T) {
	v := decode[sweep.DatasetDetail](t, succeeds(t, environ(t), "data", "show", "icons-6k", "-o", "json").out)
	if v.Name != "icons-6k" || v.Pairs < 5000 || v.Classes < 10 || len(v.Captions) != 5 {
		t.Errorf("%+v", v)
	}
	for _, split := range []string{"test", "test-all", "emoji", "pixel", "colour"} {
		if b := v.Baselines[split]; v.Splits[split] < 100 || !(b > 0 && b < 1) {
			t.Errorf("split %s: %d icons, baseline %g", split, v.Splits[split], b)
		}
	}
	has(t, "data show", succeeds(t, environ(t), "data", "show", "icons-6k").out, "data  ", "icons-6k", "split test ", "nearest neighbour", "NOTICE")
	if other := succeeds(t, environ(t), "data", "show", "LAION-2B").out; strings.Contains(other, "split") {
		t.Errorf("nothing is known of LAION-2B's splits: %s", other)
	}
	fails(t, environ(t), exitBadInput, []string{`did you mean "icons-6k"?`}, "data", "show", "icons6k")
	fails(t, environ(t), exitBadInput, []string{"`scalelaw data list` lists them"}, "data", "show", "zzzzzzzzzzzz")
}
