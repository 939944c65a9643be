"""Makes goldens.json: laws fitted to random points by numpy and scipy, independently of the Go code.

    pip install numpy==2.4.6 scipy==1.17.1
    python make_goldens.py > goldens.json

Non-linear optima are found by least_squares or L-BFGS-B from the true coefficients and from
shifted ones, then sharpened by solving gradient = 0, so that they hold to about 1e-11.
"""
import json
import sys

import numpy as np
from scipy.optimize import least_squares, minimize

rng = np.random.default_rng(20230516)
PROBLEMS = 6
SURFACES = 2  # slower in the tests
DELTA = 1e-3


def compute(n):
    return 10 ** np.sort(rng.uniform(9, 13, n))


def sharpen(gradient, x):
    """The zero of a gradient near x, by Newton's method with a central-difference Jacobian."""
    for _ in range(30):
        h = 1e-6 * np.maximum(1, abs(x))
        jac = np.stack([(gradient(x + h[i] * np.eye(len(x))[i]) - gradient(x - h[i] * np.eye(len(x))[i])) / (2 * h[i])
                        for i in range(len(x))], axis=1)
        step = np.linalg.solve(jac, gradient(x))
        x = x - step
        if np.max(abs(step) / np.maximum(1, abs(x))) < 1e-13:
            break
    return x


def power(c, t):
    alpha, b = t
    return np.exp(b + alpha * np.log(c)), np.stack([np.log(c), np.ones_like(c)]) * np.exp(b + alpha * np.log(c))


def floor(c, t):
    alpha, b, e = t
    p = np.exp(b + alpha * np.log(c))
    return p + np.exp(e), np.stack([p * np.log(c), p, np.full_like(c, np.exp(e))])


def shifted(c, t):
    a, b, s, d = t
    x = np.log(c + np.exp(b))
    p = np.exp(a + s * x)
    return p + np.exp(d), np.stack([p, p * s * np.exp(b) / (c + np.exp(b)), p * x, np.full_like(c, np.exp(d))])


LAWS = {  # function, true coefficients on the scale of the fit, which are logarithms, names
    "power": (power, [-0.15, np.log(20.0)], [False, True], ["alpha", "beta"]),
    "power-floor": (floor, [-0.35, np.log(900.0), np.log(0.15)], [False, True, True], ["alpha", "beta", "eps"]),
    "shifted": (shifted, [np.log(9e3), 24.0, -0.4, np.log(0.12)], [True, False, False, True], ["a", "b", "c", "d"]),
}


def squares(law, on):
    f, truth, logs, names = LAWS[law]
    c = compute(40)
    e = f(c, truth)[0] * np.exp(rng.normal(0, 0.004, len(c)))

    def residual(t):
        y, j = f(c, t)
        return (np.log(y) - np.log(e), j / y) if on == "log" else (y - e, j)

    best = None
    for scale in (0, 0.02, -0.02):
        x0 = np.array(truth) * (1 + scale)
        r = least_squares(lambda t: residual(t)[0], x0, jac=lambda t: residual(t)[1].T, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
        if best is None or r.cost < best.cost:
            best = r
    x = sharpen(lambda t: residual(t)[1] @ residual(t)[0], best.x)
    objective = float(np.sum(residual(x)[0] ** 2))
    if on == "log":
        objective /= np.log(10) ** 2
    values = {n: float(np.exp(v) if lg else v) for n, v, lg in zip(names, x, logs)}
    return {"law": law, "on": on, "rule": "all", "points": points(c, e), "coefficients": values, "objective": objective}


def points(c, e, **more):
    columns = {"c": c, "e": e, **more}
    return [{k: float(v[i]) for k, v in columns.items()} for i in range(len(c))]


def surface(limited):
    n = np.repeat(10 ** np.linspace(7, 10, 8), 8)
    d = np.tile(10 ** np.linspace(8.5, 11.5, 8), 8)
    u = np.minimum(d, np.where(np.arange(64) % 3 == 0, d / rng.uniform(2, 30, 64), d)) if limited else d
    truth = np.array([np.log(400), np.log(1800), np.log(1.7), 0.34, 0.36] + ([np.log(15.0)] if limited else []))

    def law(t):
        if limited:
            r, rep = np.exp(t[5]), d / u - 1
            q = -np.expm1(-rep / r)
            eff = u * (1 + r * q)
            slope = u * (q - rep / r * np.exp(-rep / r)) * r / eff  # of ln eff in ln R
        else:
            eff, slope = d, None
        terms = np.stack([t[0] - t[3] * np.log(n), t[1] - t[4] * np.log(eff), np.full_like(n, t[2])])
        top = terms.max(0)
        x = np.exp(terms - top)
        p = x / x.sum(0)
        jac = [p[0], p[1], p[2], -p[0] * np.log(n), -p[1] * np.log(eff)] + ([-p[1] * t[4] * slope] if limited else [])
        return top + np.log(x.sum(0)), np.stack(jac)

    y = law(truth)[0] + rng.normal(0, 0.0015, 64) * rng.choice([1, 4], 64, p=[0.9, 0.1])

    def loss(t):
        f, j = law(t)
        r = y - f
        return np.where(abs(r) <= DELTA, r * r / 2, DELTA * (abs(r) - DELTA / 2)).sum(), -j @ np.clip(r, -DELTA, DELTA)

    best = min((minimize(loss, truth * (1 + s), jac=True, method="L-BFGS-B", options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 5000}) for s in (0, 0.01, -0.01)),
               key=lambda r: r.fun)
    x = sharpen(lambda t: loss(t)[1], best.x)
    names = ["A", "B", "E", "alpha", "beta"] + (["R"] if limited else [])
    values = {k: float(v if k in ("alpha", "beta") else np.exp(v)) for k, v in zip(names, x)}
    return {"law": "data-limited" if limited else "chinchilla", "on": "log", "rule": "all", "coefficients": values,
            "points": points(6 * n * d, np.exp(y), n=n, d=d, u=u), "objective": float(loss(x)[0])}


def isoflop():
    rows, bottoms = [], []
    for c in (1e18, 1e19, 1e20, 1e21):
        best = np.log(0.1 * c**0.5)
        n = np.exp(best + np.linspace(-1.5, 1.6, 7))
        loss = 30 * c**-0.05 + 0.03 * (np.log(n) - best) ** 2 + rng.normal(0, 0.004, 7)
        z = np.log(n)
        p = np.polyfit(z - z.mean(), loss, 2)
        v = -p[1] / (2 * p[0])
        bottoms.append((np.log10(c), v + z.mean(), np.log(c / 6) - v - z.mean(), np.log10(np.polyval(p, v))))
        rows += [{"c": float(c), "e": float(e), "n": float(k), "d": float(c / 6 / k)} for e, k in zip(loss, n)]
    x, n, d, y = np.array(bottoms).T
    lines = {("a", "G"): n / np.log(10), ("b", "H"): d / np.log(10), ("alpha", "beta"): y}
    values = {}
    for (slope, factor), v in lines.items():
        p = np.polyfit(x, v, 1)
        values[slope], values[factor] = float(p[0]), float(10 ** p[1])
    return {"law": "isoflop", "on": "log", "rule": "parabola", "points": rows, "coefficients": values}


def by_rule(rule):
    c = 10 ** rng.uniform(8, 12, 35)
    e = 8 * c**-0.12 * np.exp(abs(rng.normal(0, 0.15, 35)))
    bins = int(rng.integers(3, 11))
    x, y = np.log10(c), np.log10(e)
    if rule == "binned-minima":
        edges = np.linspace(x.min(), x.max() + 0.1, bins + 1)
        where = np.digitize(x, edges) - 1
        there = [i for i in range(bins) if (where == i).any()]
        fx, fy = np.array([(edges[i] + edges[i + 1]) / 2 for i in there]), np.array([y[where == i].min() for i in there])
    elif rule == "pareto-bin":
        edges = np.geomspace(c.min(), c.max(), int(np.log2(c.max() / c.min())))
        kept, low = [], np.inf
        for a, b in zip(edges[:-1], edges[1:]):
            inside = np.flatnonzero((c >= a) & (c < b))
            if len(inside) and e[inside].min() < low:
                kept.append(inside[e[inside].argmin()])
                low = e[inside].min()
        if e[c.argmax()] < low:
            kept.append(c.argmax())
        fx, fy = x[kept], y[kept]
    elif rule == "pareto":
        kept = [i for i in range(35) if not ((c <= c[i]) & (e <= e[i]) & ((c < c[i]) | (e < e[i]))).any()]
        fx, fy = x[kept], y[kept]
    else:
        fx, fy = x, y
    alpha, b = np.polyfit(fx, fy, 1)
    return {"law": "power", "on": "log", "rule": rule, "bins": bins, "points": points(c, e),
            "coefficients": {"alpha": float(alpha), "beta": float(10**b)},
            "objective": float(np.sum((fy - b - alpha * fx) ** 2)), "used": len(fx)}


problems = []
for i in range(PROBLEMS):
    problems += [squares(law, on) for law in LAWS for on in ("log", "error") if (law, on) != ("power", "log")]
    problems += [surface(False), surface(True)] if i < SURFACES else []
    problems += [isoflop()]
    problems += [by_rule(r) for r in ("all", "pareto", "binned-minima", "pareto-bin")]
json.dump({"numpy": np.__version__, "problems": problems}, sys.stdout)
