# scalelaw: `make help` prints the targets.
SHELL := /bin/bash -o pipefail
MODULES := ./... ./standalone/...
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/scalelaw/scalelaw/internal/cli.version=$(VERSION)

PEERS ?= .peers
SPACE := $(subst ,, )
# The headers of NVIDIA that are here already; gorgonia-cu and cuda-compile fetch cuda.h and nvrtc.h.
export CUDA_HEADERS ?= $(subst $(SPACE),:,$(abspath $(wildcard $(PEERS)/*/lib/python3*/site-packages/nvidia/*/include)))

.PHONY: help build check test test-cuda-emulated cross fmt generate generated bench bench-optuna bench-scipy bench-torch cuda-compile cuda-headers gorgonia-cu test-gpu rehearse-gpu fuzz parity axe pandas

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/scalelaw (small) and bin/scalelaw-standalone (with the embedded servers)
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/scalelaw ./cmd/scalelaw
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/scalelaw-standalone ./standalone

check: generated ## gofmt, tidy modules, vet, staticcheck, workflowcheck, generated files
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not gofmt'ed:"; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	cd standalone && go mod tidy -diff
	go vet $(MODULES)
	go tool staticcheck $(MODULES)
	go tool workflowcheck -config workflows/workflowcheck.yaml ./workflows/...

test: ## every test; the ones that need Postgres start a real one
	go test -timeout 25m $(MODULES)

test-cuda-emulated: ## the CUDA trainer on an emulated GPU: kernels, driver, products, collectives, training (needs g++; docs/cuda-emulation.md)
	REQUIRE_EMULATOR=1 CGO_ENABLED=0 go test -timeout 25m ./trainer/cuda/... ./trainer/op/cuda/... ./trainer/gpus/...

cross: ## the programs build for the other platforms
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -o /dev/null ./cmd/scalelaw
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go build -o /dev/null ./cmd/scalelaw
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -o /dev/null ./standalone
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go build -o /dev/null ./standalone

fmt: ## gofmt -w
	gofmt -w .

KERNELS := trainer/op/cpu/kernel
ASSEMBLY := $(addprefix $(KERNELS)/,kernels_amd64.s stubs_amd64.go tables_amd64.go)
generate: ## the assembly of the trainer's kernels, anew
	cd $(KERNELS)/gen && GOWORK=off GOFLAGS= go run . -out ../kernels_amd64.s -stubs ../stubs_amd64.go -pkg kernel

generated: ## the committed assembly is what its generator gives
	@before=$$(cat $(ASSEMBLY) | sha256sum); $(MAKE) -s generate; \
	if [ "$$before" != "$$(cat $(ASSEMBLY) | sha256sum)" ]; then echo "$(KERNELS): the assembly was not what make generate gives; it is now"; exit 1; fi

bench: ## the Go benchmarks (docs/benchmarks.md has the whole list)
	go test -run '^$$' -bench . -benchtime 1s ./fit/... ./store/... ./trainer/...

bench-optuna: build ## against Optuna: a grid of no-op runs, turn by turn (needs Python, Postgres' programs)
	test -x $(PEERS)/optuna/bin/optuna || (python3 -m venv $(PEERS)/optuna && $(PEERS)/optuna/bin/pip install -q optuna==5.0.0 psycopg2-binary==2.9.13)
	$(PEERS)/optuna/bin/python docs/bench/orchestrate.py

bench-scipy: ## against numpy and scipy: bootstraps and Chinchilla's fit, turn by turn (needs Python)
	test -e $(PEERS)/scipy/.ready || (python3 -m venv $(PEERS)/scipy && $(PEERS)/scipy/bin/pip install -q numpy==2.4.6 scipy==1.17.1 && touch $(PEERS)/scipy/.ready)
	CGO_ENABLED=0 go build -trimpath -o bin/scalelaw ./cmd/scalelaw
	OPENBLAS_NUM_THREADS=1 $(PEERS)/scipy/bin/python docs/bench/fit_scipy.py

TORCH := $(PEERS)/torch
$(TORCH)/.ready: # PyTorch with open_clip, which cannot read shards with webdataset 1.0: some 5 GB
	python3 -m venv $(TORCH)
	$(TORCH)/bin/pip install -q torch==2.13.0 torchvision==0.28.0 numpy==2.4.6 open_clip_torch==3.3.0 safetensors==0.8.0 webdataset==0.2.86 pandas==3.1.1
	touch $@

bench-torch: $(TORCH)/.ready ## against PyTorch: training steps of the ladder and of open_clip's models, turn by turn (needs Python and a C++ compiler)
	CGO_ENABLED=0 go build -trimpath -o bin/scalelaw ./cmd/scalelaw
	$(TORCH)/bin/python docs/bench/torch_train.py bin/scalelaw

cuda-compile: ## every CUDA kernel through the real NVRTC, which needs no GPU: registers, shared memory, spills (needs Python)
	test -e $(PEERS)/nvrtc/.ready || (python3 -m venv $(PEERS)/nvrtc && $(PEERS)/nvrtc/bin/pip install -q nvidia-cuda-nvrtc==13.5.37 && touch $(PEERS)/nvrtc/.ready)
	SCALELAW_CUDA_LIBRARIES=$$(echo $(PEERS)/nvrtc/lib/python3*/site-packages/nvidia/*/lib) CGO_ENABLED=0 go run ./trainer/op/cuda/compiled

axe: ## the accessibility checker of the browser tests (needs npm)
	test -e $(PEERS)/axe/node_modules/axe-core/axe.min.js || npm install --silent --no-save --ignore-scripts --prefix $(PEERS)/axe axe-core@4.14.1

pandas: ## a Python with pandas, for the test of examples/python
	test -e $(PEERS)/pandas/.ready || (python3 -m venv $(PEERS)/pandas && $(PEERS)/pandas/bin/pip install -q pandas==2.3.3 && touch $(PEERS)/pandas/.ready)

HEADERS := $(PEERS)/headers
cuda-headers: ## codes, sizes and signatures of the GPU trainer and of its emulator against NVIDIA's own headers (needs Python, g++; 1046 MB of disk)
	test -e $(HEADERS)/.ready || (python3 -m venv $(HEADERS) && $(HEADERS)/bin/pip install -q nvidia-cuda-runtime==13.0.96 nvidia-cuda-nvrtc==13.0.88 nvidia-cublas==13.1.1.3 nvidia-nccl-cu13==2.29.7 && touch $(HEADERS)/.ready)
	export CUDA_HEADERS=$$(echo $(abspath $(HEADERS))/lib/python3*/site-packages/nvidia/*/include | tr ' ' ':') REQUIRE_CUDA_HEADERS="cuda.h nvrtc.h cublasLt.h nccl.h"; \
	CGO_ENABLED=0 go test -run 'Header|ResultsHaveTheirNames|FalseClaims' ./trainer/cuda/...

CUDA := $(PEERS)/cuda
GORGONIA_CU := ./trainer/cuda/driver/gorgoniacu
gorgonia-cu: ## the driver through gorgonia.org/cu: it builds, and does on an emulated GPU what the default one does (needs Python and a C++ compiler)
	test -e $(CUDA)/.ready || (python3 -m venv $(CUDA) && $(CUDA)/bin/pip install -q nvidia-cuda-runtime==13.0.96 && touch $(CUDA)/.ready)
	@headers=$$(echo $(abspath $(CUDA))/lib/python3*/site-packages/nvidia/cu13/include); \
	grep -ohE '\<cu[A-Z][A-Za-z0-9]*(_v[0-9]+)?\>' $$headers/cuda.h | sort -u | sed 's/.*/void &(void) {}/' | \
		gcc -shared -x c - -Wl,-soname,libcuda.so.1 -o $(CUDA)/libcuda.so && \
	emulator=$$(CGO_ENABLED=0 go run ./trainer/cuda/emulator/build) && \
	export CGO_ENABLED=1 CGO_CFLAGS="-I$(abspath $(GORGONIA_CU))/include -I$$headers" CGO_LDFLAGS="-L$(abspath $(CUDA)) -Wl,--no-as-needed -Wl,-z,lazy" && \
	go vet -tags gorgonia_cu $(GORGONIA_CU) && \
	LD_LIBRARY_PATH=$$emulator SCALELAW_CUDA_LIBRARIES=$$emulator go test -count=1 -tags gorgonia_cu $(GORGONIA_CU)

REPORT ?= .scalelaw/gpu-report.md
test-gpu: ## everything that wants a real GPU, in at most 8 minutes: tests on the device, steps beside PyTorch; REPORT is written
	CGO_ENABLED=0 go build -trimpath -o bin/scalelaw ./cmd/scalelaw
	docs/bench/gpu.sh bin/scalelaw $(REPORT)

rehearse-gpu: ## test-gpu on the emulated GPU: the same commands, small models, no figures of worth
	SCALELAW_CUDA_LIBRARIES=$$(CGO_ENABLED=0 go run ./trainer/cuda/emulator/build) SCALELAW_EMULATOR_CHECKS=0 MODELS="icons-w4:16" SECONDS_EACH=1 PRECISION=fp32 PYTHON=false SCALELAW_SHARE_GPUS=1 \
		$(MAKE) test-gpu REPORT=.scalelaw/gpu-rehearsal.md

fuzz: ## a minute of each fuzz test
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		grep -o '^func Fuzz[A-Za-z]*' "$$file" | while read -r _ name; do \
			go test "$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime "$${FUZZTIME:-1m}" -fuzzminimizetime 5s || exit 1; \
		done || exit 1; \
	done

parity: $(TORCH)/.ready ## against open_clip itself, through files and the command line (docs/openclip.md; needs Python)
	CGO_ENABLED=0 go build -trimpath -o bin/scalelaw ./cmd/scalelaw
	$(TORCH)/bin/python trainer/clip/openclip/testdata/parity.py bin/scalelaw
