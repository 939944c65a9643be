#!/usr/bin/env bash
# Everything that wants a real GPU, in at most eight minutes: the tests on the device, then
# training steps a second beside PyTorch, where Python has a torch that sees the GPU. Writes a
# report of it all. `make test-gpu` calls it; docs/gpu.md explains it.
#
#     gpu.sh SCALELAW_BINARY REPORT
#
# MODELS ("model:batch ..."), SECONDS_EACH, ROUNDS, PRECISION and PYTHON change what is measured.
set -uo pipefail
binary=$1 report=$2
models=${MODELS:-examples/models/tiny.json:64 icons-w16:128 examples/models/ViT-B-32.json:1024 examples/models/ViT-L-14.json:256}
each=${SECONDS_EACH:-5} precision=${PRECISION:-bf16} python=${PYTHON:-python3}
end=$((SECONDS + ${LIMIT:-470}))
failed=0
mkdir -p "$(dirname "$report")"
exec > >(tee "$report") 2>&1

left() { echo $((end > SECONDS ? end - SECONDS : 1)); }

# part TITLE COMMAND...: a section of the report; what runs over the time that is left is ended.
part() {
	local title=$1 began=$SECONDS
	shift
	printf '\n## %s\n\n```\n' "$title"
	timeout "$(left)" "$@"
	local code=$?
	printf '```\n\n%s: exit %d after %d s\n' "$title" $code $((SECONDS - began))
	[ $code -eq 0 ] || failed=1
}

printf '# GPU report\n\ncommit %s, %s\n' "$(git describe --always --dirty 2>/dev/null || echo unknown)" "$(date -u +%Y-%m-%dT%H:%MZ)"
command -v nvidia-smi >/dev/null && part "Device" nvidia-smi
part "What the program found" "$binary" doctor --data-dir "${TMPDIR:-/tmp}/scalelaw-gpu" || true
failed=0 # doctor also looks for servers, which nobody needs here
export REQUIRE_GPU=1
part "Tests on the device" go test -count=1 -timeout 240s -run OnAGPU -v ./trainer/cuda/driver/native ./trainer/cuda/cublaslt ./trainer/cuda/nccl ./trainer/op/cuda ./trainer/gpus
for entry in $models; do
	part "Steps: ${entry%:*}, batch ${entry##*:}, $precision" "$binary" bench train --device cuda --model "${entry%:*}" --batch-size "${entry##*:}" --precision "$precision" --seconds "$each" -o json
done
torch_device=${TORCH_DEVICE:-cuda}
if "$python" -c "import torch, sys; sys.exit('$torch_device' == 'cuda' and not torch.cuda.is_available())" 2>/dev/null; then
	# shellcheck disable=SC2086 # the models are words
	part "Beside PyTorch" "$python" docs/bench/torch_train.py "$binary" $models --device "$torch_device" --precision "$precision" --seconds 2 --rounds "${ROUNDS:-3}"
else
	printf '\n## Beside PyTorch\n\nnot measured: %s has no torch that sees this GPU\n' "$python"
fi
[ $failed -eq 0 ] && verdict="all parts passed" || verdict="a part FAILED"
printf '\n%s, %d s; report: %s\n' "$verdict" $SECONDS "$report"
exit $failed
