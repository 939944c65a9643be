"""Compares `scalelaw bench fit` with numpy and scipy on the same machine, in one run, turn by turn.

    make bench-scipy                                    # what this is called by; makes the environment

Each round fits, on both sides: the 29 runs of Cherti et al. 2023 with 10,000 bootstraps, the
frontier extracted anew in each (numpy, the resamples vectorised where the rule allows), and the
240 points of Hoffmann et al. 2022 from 4,500 starts (L-BFGS-B with the analytic gradient, the
starts shared among processes). Prints each round, the medians and their ratios. Figures of
scalelaw include its diagnostics; those of the peers are the fits alone.
"""
import argparse
import itertools
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import time

import numpy as np
from scipy.optimize import minimize

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "fit" / "testdata"
DELTA = 1e-3


def runs():
    rows = np.genfromtxt(DATA / "openclip_runs.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    rows = rows[rows["family"] == "OpenCLIP"]
    order = np.argsort(rows["gmacs_total"], kind="stable")
    return np.log10(rows["gmacs_total"][order]), np.log10(1 - rows["imagenet1k_acc1"][order])


def slopes(x, y, w):
    """Least squares of each row: x, y, w of shape (resamples, points)."""
    sw = w.sum(1)
    mx, my = (w * x).sum(1) / sw, (w * y).sum(1) / sw
    dx = x - mx[:, None]
    return (w * dx * (y - my[:, None])).sum(1) / (w * dx * dx).sum(1)


def pareto(x, y, n, rng):
    picked = np.sort(rng.integers(0, len(x), (n, len(x))), axis=1)  # x is sorted, so resamples are
    xs, ys = x[picked], y[picked]
    before = np.minimum.accumulate(ys, axis=1)
    on = np.ones_like(ys)
    on[:, 1:] = ys[:, 1:] < before[:, :-1]
    return slopes(xs, ys, on)


def binned(x, y, n, rng):
    picked = rng.integers(0, len(x), (n, len(x)))
    xs, ys = x[picked], y[picked]
    low, high = xs.min(1, keepdims=True), xs.max(1, keepdims=True) + 0.1
    width = (high - low) / 5
    where = np.minimum((xs - low) // width, 4)
    cx = low + (np.arange(5) + 0.5) * width
    cy = np.stack([np.where(where == b, ys, np.inf).min(1) for b in range(5)], axis=1)
    there = np.isfinite(cy)
    return slopes(cx, np.where(there, cy, 0), there.astype(float))


def chinchilla_points():
    d = np.genfromtxt(DATA / "chinchilla_points.csv", delimiter=",", names=True)
    d = d[d["excluded_by_epoch_default"] == 0]
    n = d["model_params"]
    return np.log(n), np.log(d["training_flop"] / 6 / n), np.log(d["loss"])


LN, LD, LY = chinchilla_points()


def loss(t):
    a, b, e, alpha, beta = t
    terms = np.stack([a - alpha * LN, b - beta * LD, np.full_like(LN, e)])
    top = terms.max(0)
    x = np.exp(terms - top)
    total = x.sum(0)
    p = x / total
    r = LY - top - np.log(total)
    pull = -np.clip(r, -DELTA, DELTA)
    value = np.where(abs(r) <= DELTA, r * r / 2, DELTA * (abs(r) - DELTA / 2)).sum()
    return value, np.array([pull @ p[0], pull @ p[1], pull @ p[2], -(pull * p[0]) @ LN, -(pull * p[1]) @ LD])


def descend(start):
    r = minimize(loss, start, jac=True, method="L-BFGS-B")
    return r.fun


def starts():
    return list(itertools.product(np.arange(0, 26, 5.0), np.arange(0, 26, 5.0), np.arange(-1, 1.1, 0.5), np.arange(0, 2.1, 0.5), np.arange(0, 2.1, 0.5)))


def timed(f):
    begin = time.perf_counter()
    value = f()
    return time.perf_counter() - begin, value


def peers(pool):
    x, y = runs()
    rng = np.random.default_rng(0)
    p, alphas = timed(lambda: pareto(x, y, 10_000, rng))
    b, _ = timed(lambda: binned(x, y, 10_000, rng))
    c, ends = timed(lambda: pool.map(descend, starts(), chunksize=50))
    print(f"numpy pareto interval {np.percentile(alphas, [2.5, 97.5]).round(4)}, scipy objective {min(ends):.13g}, "
          f"{sum(v < min(ends) * 1.001 for v in ends)} starts agree")
    return {"bootstrap_10000_seconds": p, "binned_10000_seconds": b, "chinchilla_4500_seconds": c}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scalelaw", default=str(ROOT / "bin" / "scalelaw"))
    a = parser.parse_args()
    ours, theirs = [], []
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for i in range(a.rounds):
            ours.append(json.loads(subprocess.run([a.scalelaw, "bench", "fit", "--repeats", "3", "-o", "json"], check=True, capture_output=True).stdout))
            theirs.append(peers(pool))
            print(f"round {i + 1}: " + ", ".join(f"{k} {ours[-1][k]:.4f} against {theirs[-1][k]:.4f}" for k in theirs[-1]), flush=True)
    for k in theirs[0]:
        mine, peer = (statistics.median(r[k] for r in side) for side in (ours, theirs))
        print(f"{k}: scalelaw {mine:.4f} s, numpy/scipy {peer:.4f} s, ratio {peer / mine:.1f}")
    print(f"scalelaw objective {ours[-1]['chinchilla_objective']:.13g}, {ours[-1]['chinchilla_starts_agree']} starts agree, "
          f"with 4,000 bootstraps {statistics.median(r['chinchilla_bootstrap_4000_seconds'] for r in ours):.2f} s, {ours[-1]['threads']} threads")


if __name__ == "__main__":
    main()
