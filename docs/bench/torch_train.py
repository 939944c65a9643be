"""Training steps in PyTorch, turn by turn with `scalelaw bench train`, in one run.

    python torch_train.py SCALELAW_BINARY [MODEL:BATCH,BATCH ... --threads 2 --rounds 5 --seconds 2 --precision fp32 --device cpu]

A model is icons-wN (the shapes of docs/ladder.md) or an open_clip model JSON file, which
open_clip's own code builds. Whole steps on fixed random data: forward, symmetric InfoNCE,
backward, fused AdamW. The program, eager and torch.compile take turns, `rounds` times each, in
windows of half a second; --precision bf16 is autocast there and bf16 products here. Prints a row for each model and batch: samples a second (median and
best window), processor time of a step (best window), and how often scalelaw is as fast as the
better of the two, by the medians, the best windows and the processor time. With --device cuda all
are on the GPU: torch.compile then records CUDA graphs, attention is PyTorch's fused one, and
nobody waits for a loss within a window.
"""

import argparse
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import time

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
TINY = HERE.parent.parent / "examples/models/tiny.json"
DEFAULT = [f"{TINY}:64,256", f"{HERE}/models/w256.json:64", f"{HERE}/models/w512.json:64",
           "icons-w8:128,512", "icons-w16:128,512", "icons-w32:128,512"]


class Block(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(width), nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        return x + self.fc2(F.gelu(self.fc1(self.norm(x))))


class Ladder(nn.Module):
    def __init__(self, w, embed=64, words=6002):
        super().__init__()
        tw = 32 if w <= 8 else 64 if w <= 24 else 128
        self.conv = nn.Conv2d(1, w, 8, stride=4, padding=2)
        self.flatten = nn.Linear(64 * w, 4 * w)
        self.image_block, self.image_norm = Block(4 * w, 4 * w), nn.LayerNorm(4 * w)
        self.image_proj = nn.Linear(4 * w, embed, bias=False)
        self.table = nn.Embedding(words, tw, padding_idx=0)
        self.text_block, self.text_norm = Block(tw, 4 * tw), nn.LayerNorm(tw)
        self.text_proj = nn.Linear(tw, embed, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, images, ids):
        x = self.flatten(F.gelu(self.conv(images)).flatten(1))
        image = F.normalize(self.image_proj(self.image_norm(self.image_block(x))), dim=-1)
        count = (ids != 0).sum(1, keepdim=True).clamp(min=1)
        t = self.table(ids).sum(1) / count.sqrt()
        text = F.normalize(self.text_proj(self.text_norm(self.text_block(t))), dim=-1)
        return image, text, self.logit_scale.exp()


def build(name, batch):
    """The model with its images and ids."""
    torch.manual_seed(0)
    if name.startswith("icons-w"):
        return Ladder(int(name.removeprefix("icons-w"))), torch.randn(batch, 1, 32, 32), torch.randint(0, 6002, (batch, 8))
    from open_clip.model import CLIP  # needed only here
    config = json.loads(pathlib.Path(name).read_text())
    size, text = config["vision_cfg"]["image_size"], config["text_cfg"]
    ids = torch.randint(0, text["vocab_size"], (batch, text["context_length"]))
    return CLIP(**config), torch.randn(batch, 3, size, size), ids


class Loss(nn.Module):
    def __init__(self, model, precision, device):
        super().__init__()
        self.model, self.bf16, self.device = model, precision == "bf16", device

    def forward(self, images, ids):
        with torch.autocast(self.device, torch.bfloat16, self.bf16):
            image, text, scale = self.model(images, ids)
        logits = scale * image.float() @ text.float().T
        target = torch.arange(len(ids), device=self.device)
        return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def trainer(name, batch, compiled, precision, device):
    model, images, ids = (x.to(device) for x in build(name, batch))
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1e-4, betas=(0.9, 0.98), eps=1e-8, fused=True)
    loss_of = Loss(model, precision, device)
    if compiled:
        loss_of = torch.compile(loss_of, mode="reduce-overhead" if device == "cuda" else "default")

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images, ids)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        if device == "cpu":
            loss.item()

    for _ in range(5):
        step()
    return step


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def windows(step, batch, seconds, device):
    """Samples a second, and processor seconds of a step, in each window."""
    rates, costs, end = [], [], time.perf_counter() + seconds
    wait(device)
    while time.perf_counter() < end:
        began, cpu, steps = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - began < 0.5:
            step()
            steps += 1
        wait(device)
        costs.append((time.process_time() - cpu) / steps)
        rates.append(batch * steps / (time.perf_counter() - began))
    return rates, costs


def scalelaw(a, name, batch):
    out = subprocess.run(
        [a.binary, "bench", "train", "--model", name, "--batch-size", str(batch), "--precision", a.precision, "--device", a.device,
         "--threads", str(a.threads), "--seconds", str(a.seconds), "-o", "json"], check=True, capture_output=True)
    return json.loads(out.stdout)


def cpu_model():
    with open("/proc/cpuinfo") as f:
        names = [line.split(":")[1].strip() for line in f if line.startswith("model name")]
    return names[0] if names else platform.processor()


def compare(a, name, batch):
    torch._dynamo.reset()
    sides = {side: trainer(name, batch, side == "compiled", a.precision, a.device) for side in ("eager", "compiled")}
    names = [*sides, "scalelaw"]
    medians, bests, costs = ({n: [] for n in names} for _ in range(3))
    device, share = "", 0.0
    for _ in range(a.rounds):
        r = scalelaw(a, name, batch)
        medians["scalelaw"].append(r["samples_per_second"]["median"])
        bests["scalelaw"].append(r["samples_per_second"]["best"])
        costs["scalelaw"].append(r["cpu_seconds_per_step"])
        share, device = max(share, r["peak_share"]), r["device"]
        for side, step in sides.items():
            rates, cost = windows(step, batch, a.seconds, a.device)
            medians[side] += rates
            bests[side] += rates
            costs[side] += cost
    median = {n: statistics.median(medians[n]) for n in names}
    best, cost = {n: max(bests[n]) for n in names}, {n: min(costs[n]) for n in names}
    cells = [f"{median[n]:,.0f} ({best[n]:,.0f}) {1e3 * cost[n]:.2f} ms" for n in names]
    ratio = [x["scalelaw"] / max(x["eager"], x["compiled"]) for x in (median, best)]
    ratio.append(min(cost["eager"], cost["compiled"]) / cost["scalelaw"])
    shown = pathlib.Path(name).stem
    print(f"| {shown} | {batch} | " + " | ".join(cells) + " | {:.2f} ({:.2f}) {:.2f}".format(*ratio) + f" | {100 * share:.0f} % |", flush=True)
    return device


def main():
    p = argparse.ArgumentParser()
    p.add_argument("binary")
    p.add_argument("models", nargs="*", default=DEFAULT, metavar="MODEL:BATCH,BATCH")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=2)
    p.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    p.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    a = p.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = a.precision == "tf32"
    torch.set_num_threads(a.threads)
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"{cpu_model()}, load {load}, torch {torch.__version__} on {a.threads} threads, {a.precision}, {time.strftime('%Y-%m-%d')}; "
          "samples/s, median (best window), best processor time of a step\n")
    print("| model | batch | torch eager | torch.compile | scalelaw | ratio to the better | of peak |\n|---|---|---|---|---|---|---|", flush=True)
    device = ""
    for model in a.models:
        name, batches = model.rsplit(":", 1)
        for batch in batches.split(","):
            device = compare(a, name, int(batch))
    print(f"\nscalelaw: {device}")


if __name__ == "__main__":
    main()
