// Package deploy checks the production files as files.
package deploy

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/scalelaw/scalelaw/internal/cli"
	"github.com/scalelaw/scalelaw/internal/config"
)

type service struct {
	Image       string            `yaml:"image"`
	Build       map[string]string `yaml:"build"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

func services(t *testing.T) map[string]service {
	t.Helper()
	text, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]service `yaml:"services"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Services) < 5 {
		t.Fatalf("%d services", len(file.Services))
	}
	return file.Services
}

func TestImagesArePinnedAndPortsAreLocal(t *testing.T) {
	pinned := regexp.MustCompile(`:\d+\.\d+`)
	for name, s := range services(t) {
		if len(s.Build) == 0 && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q is not pinned", name, s.Image)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to others", name, p)
			}
		}
	}
}

func TestOurServicesUseVerbsAndVariablesThatExist(t *testing.T) {
	known := map[string]bool{"TEMPORAL_NAMESPACE": true}
	for _, v := range config.Variables() {
		known[v.Name] = true
	}
	ours := 0
	for name, s := range services(t) {
		if len(s.Build) == 0 {
			continue
		}
		ours++
		for v := range s.Environment {
			if !known[v] {
				t.Errorf("%s sets %s, which the program does not read", name, v)
			}
		}
		var out, errs bytes.Buffer
		args := append(append([]string{}, s.Command...), "--help")
		if code := cli.Run(context.Background(), args, strings.NewReader(""), &out, &errs, func(string) string { return "" }); code != 0 || !strings.Contains(out.String(), "scalelaw "+s.Command[0]) {
			t.Errorf("%s: `scalelaw %s`: exit code %d\n%s", name, strings.Join(s.Command, " "), code, errs.String())
		}
	}
	if ours < 2 {
		t.Errorf("%d services are ours", ours)
	}
}

func TestStartsWaitForWhatTheyNeed(t *testing.T) {
	all := services(t)
	waits := 0
	for name, s := range all {
		for on, how := range s.DependsOn {
			waits++
			other, ok := all[on]
			switch {
			case !ok:
				t.Errorf("%s waits for %s, which is no service", name, on)
			case how.Condition == "service_healthy" && len(other.Healthcheck.Test) == 0:
				t.Errorf("%s waits for the health of %s, which has no health check", name, on)
			case how.Condition != "service_healthy" && how.Condition != "service_completed_successfully":
				t.Errorf("%s waits for %s only to be %q", name, on, how.Condition)
			}
		}
	}
	if waits < 4 {
		t.Errorf("only %d services wait for another", waits)
	}
	temporal := all["temporal"]
	namespace := all["migrate"].Environment["TEMPORAL_NAMESPACE"]
	check := strings.Join(temporal.Healthcheck.Test, " ")
	if namespace == "" || temporal.Environment["DEFAULT_NAMESPACE"] != namespace || !strings.Contains(check, "--namespace "+namespace+" ") {
		t.Errorf("migrate needs namespace %q; temporal makes %q and is healthy by %q", namespace, temporal.Environment["DEFAULT_NAMESPACE"], check)
	}
}

func TestDockerfileBuildsWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile("../go.work")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`go (1\.\d+\.\d+)`).FindStringSubmatch(string(module))
	if version == nil || !strings.Contains(string(text), "golang:"+version[1]+"-") {
		t.Errorf("the Dockerfile builds with another Go than go.work's %v", version)
	}
	if _, err := os.Stat("../cmd/scalelaw/main.go"); err != nil || !strings.Contains(string(text), "./cmd/scalelaw") {
		t.Errorf("the Dockerfile does not build ./cmd/scalelaw: %v", err)
	}
}
