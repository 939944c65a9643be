"""The ladder model icons-wN in PyTorch, turn by turn with `scalelaw bench train`, in one run.

    python torch_ladder.py SCALELAW_BINARY [--models 8,16,32 --batches 128,512 --threads 2
                                            --rounds 5 --seconds 2]

Whole training steps on random data: forward, symmetric InfoNCE, backward, fused AdamW. Eager
and torch.compile take turns with the program, `rounds` times each, in windows of half a second.
Prints a row for each model and batch: samples a second (median and best window) and how often
scalelaw is as fast as the better of the two. The shapes are those of docs/ladder.md.
"""

import argparse
import json
import math
import platform
import statistics
import subprocess
import time

import torch
from torch import nn
from torch.nn import functional as F


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
        logits = self.logit_scale.exp() * image @ text.T
        target = torch.arange(len(ids))
        return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def trainer(width, batch, compiled):
    torch.manual_seed(0)
    model = Ladder(width)
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1e-4, betas=(0.9, 0.98), eps=1e-8, fused=True)
    images, ids = torch.randn(batch, 1, 32, 32), torch.randint(0, 6002, (batch, 8))
    loss_of = torch.compile(model) if compiled else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images, ids)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        return loss.item()

    for _ in range(5):
        step()
    return step


def windows(step, batch, seconds):
    rates, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        began, steps = time.perf_counter(), 0
        while time.perf_counter() - began < 0.5:
            step()
            steps += 1
        rates.append(batch * steps / (time.perf_counter() - began))
    return rates


def scalelaw(binary, width, batch, threads, seconds):
    out = subprocess.run(
        [binary, "bench", "train", "--model", f"icons-w{width}", "--batch-size", str(batch),
         "--threads", str(threads), "--seconds", str(seconds), "-o", "json"], check=True, capture_output=True)
    return json.loads(out.stdout)


def cpu_model():
    with open("/proc/cpuinfo") as f:
        names = [line.split(":")[1].strip() for line in f if line.startswith("model name")]
    return names[0] if names else platform.processor()


def compare(a, width, batch):
    sides = {"eager": trainer(width, batch, False), "compiled": trainer(width, batch, True)}
    rates = {name: [] for name in [*sides, "scalelaw"]}
    best, device, share = 0.0, "", 0.0
    for _ in range(a.rounds):
        r = scalelaw(a.binary, width, batch, a.threads, a.seconds)
        rates["scalelaw"].append(r["samples_per_second"]["median"])
        best, share, device = max(best, r["samples_per_second"]["best"]), max(share, r["peak_share"]), r["device"]
        for name, step in sides.items():
            rates[name].extend(windows(step, batch, a.seconds))
    medians = {name: statistics.median(r) for name, r in rates.items()}
    bests = {name: max(r) for name, r in rates.items()} | {"scalelaw": best}
    ratio = [x["scalelaw"] / max(x["eager"], x["compiled"]) for x in (medians, bests)]
    cells = [f"{medians[n]:,.0f} ({bests[n]:,.0f})" for n in ("eager", "compiled", "scalelaw")]
    print(f"| icons-w{width} | {batch} | " + " | ".join(cells) + f" | {ratio[0]:.2f} ({ratio[1]:.2f}) | {100 * share:.0f} % |", flush=True)
    return device


def main():
    p = argparse.ArgumentParser()
    p.add_argument("binary")
    p.add_argument("--models", default="8,16,32")
    p.add_argument("--batches", default="128,512")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    print(f"{cpu_model()}, torch {torch.__version__} on {a.threads} threads, {time.strftime('%Y-%m-%d')}; samples/s, median (best window)\n")
    print("| model | batch | torch eager | torch.compile | scalelaw | ratio to the better | of peak |\n|---|---|---|---|---|---|---|", flush=True)
    device = ""
    for batch in a.batches.split(","):
        for width in a.models.split(","):
            device = compare(a, int(width), int(batch))
    print(f"\nscalelaw: {device}")


if __name__ == "__main__":
    main()
