// Package config is what the program is told by flags and environment, read once and checked.
package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/internal/datadir"
)

// Config holds every setting that more than one verb looks at. A flag that was given wins over
// its environment variable.
type Config struct {
	DataDir     string
	DatabaseURL string // empty: the data folder's own Postgres
	Artifacts   string // folder of checkpoints; empty: in the data folder
	PostgresBin string // folder of Postgres' programs; empty: searched
	LogLevel    string // debug, info, warn, error
	CPU         string // level of the trainer's kernels; empty: the fastest that the CPU has
	ShareGPUs   bool   // with other processes
	Output      string // table, json, csv
	NoColor     bool
}

// Variable is an environment variable that the program reads.
type Variable struct{ Name, Meaning string }

// Variables lists them; the README's table is compared with it.
func Variables() []Variable {
	return []Variable{
		{"SCALELAW_DATA_DIR", "folder of the embedded servers and the checkpoints (`--data-dir`)"},
		{"SCALELAW_DATABASE_URL", "an existing Postgres to use instead of the embedded one (`--database-url`)"},
		{"SCALELAW_ARTIFACTS", "folder of checkpoints, shared by all workers (`--artifacts`)"},
		{"SCALELAW_POSTGRES_BIN", "folder with `postgres` and `initdb`, when they are not found by themselves"},
		{"SCALELAW_LOG_LEVEL", "debug, info, warn or error (`--log-level`)"},
		{"SCALELAW_CPU", "avx512, avx2 or portable: the trainer's kernels, instead of the fastest that the CPU has; the bits differ between them, and a run that goes on with others says so"},
		{"SCALELAW_CUDA_LIBRARIES", "folders with libcuda, NVRTC, cublasLt and NCCL, searched before the system's, the toolkit's and Python's; separated as in PATH"},
		{"SCALELAW_SHARE_GPUS", "`1`: GPUs that another process computes on are used, too"},
		{"TEMPORAL_ADDRESS", "an existing Temporal to use, HOST:PORT; `TEMPORAL_NAMESPACE`, TLS and API key as Temporal's own tools read them"},
		{"NO_COLOR", "any value: no colours (`--no-color`)"},
		{"REQUIRE_POSTGRES", "`1`: tests that need Postgres fail instead of being skipped without it"},
		{"REQUIRE_BROWSER", "`1`: the same for Chromium with its accessibility checker (`make axe`)"},
		{"REQUIRE_PANDAS", "`1`: the same for Python with pandas (`make pandas`)"},
		{"SCREENSHOTS", "folder in which the browser tests leave pictures of the pages"},
		{"REQUIRE_EMULATOR", "`1`: the same for the [emulated GPU](docs/cuda-emulation.md), which needs g++"},
		{"REQUIRE_NVRTC", "`1`: the same for NVIDIA's compiler"},
		{"REQUIRE_GPU", "`1`: the same for a GPU; tests that can run on either take it instead of the emulated one"},
	}
}

// Complete fills what the flags left open from the environment, then from defaults, and checks
// everything. An error names the flag and the variable.
func (c Config) Complete(getenv func(string) string) (Config, error) {
	fill := func(value *string, name, fallback string) {
		if *value == "" {
			*value = getenv(name)
		}
		if *value == "" {
			*value = fallback
		}
	}
	fill(&c.DataDir, "SCALELAW_DATA_DIR", "")
	fill(&c.DatabaseURL, "SCALELAW_DATABASE_URL", "")
	fill(&c.Artifacts, "SCALELAW_ARTIFACTS", "")
	fill(&c.PostgresBin, "SCALELAW_POSTGRES_BIN", "")
	fill(&c.LogLevel, "SCALELAW_LOG_LEVEL", "warn")
	fill(&c.CPU, "SCALELAW_CPU", "")
	if c.Output == "" {
		c.Output = "table"
	}
	share := getenv("SCALELAW_SHARE_GPUS")
	if share != "" && share != "0" && share != "1" {
		return c, fmt.Errorf("SCALELAW_SHARE_GPUS is %q; it is 0 or 1", share)
	}
	c.ShareGPUs = c.ShareGPUs || share == "1"
	c.NoColor = c.NoColor || getenv("NO_COLOR") != ""
	if c.DataDir == "" {
		dir, err := datadir.Default(getenv)
		if err != nil {
			return c, err
		}
		c.DataDir = dir
	}
	return c, c.check()
}

func (c Config) check() error {
	if levels := []string{"debug", "info", "warn", "error"}; !slices.Contains(levels, c.LogLevel) {
		return fmt.Errorf("--log-level (SCALELAW_LOG_LEVEL) is %q; it is one of %s", c.LogLevel, strings.Join(levels, ", "))
	}
	if levels := []string{"avx512", "avx2", "portable"}; c.CPU != "" && !slices.Contains(levels, c.CPU) {
		return fmt.Errorf("SCALELAW_CPU is %q; it is one of %s", c.CPU, strings.Join(levels, ", "))
	}
	if outputs := []string{"table", "json", "csv"}; !slices.Contains(outputs, c.Output) {
		return fmt.Errorf("--output is %q; it is one of %s", c.Output, strings.Join(outputs, ", "))
	}
	if c.DatabaseURL != "" {
		u, err := url.Parse(c.DatabaseURL)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return fmt.Errorf("--database-url (SCALELAW_DATABASE_URL) is not an address like postgres://user@host/database")
		}
	}
	return nil
}
