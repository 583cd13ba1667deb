"""Writes parity.json of a model that is a few parameters: what its formula says, worked out here.

python3 training/parameters_parity.py models/customer-churn ...   (needs no libraries)
"""

import json
import math
import random
import struct
import sys
from pathlib import Path

VECTORS = 40


def alive(model, x, recency, age):
    """P(alive) by Bayes: the likelihood of having stayed, by that of both, integrals included."""
    r, alpha, a, b = (model[name] for name in ("r", "alpha", "a", "b"))
    if x == 0:
        return 1.0
    stayed = math.lgamma(a + b) - math.lgamma(b) + math.lgamma(b + x) - math.lgamma(a + b + x)
    left = math.lgamma(a + b) - math.lgamma(b) + math.lgamma(b + x - 1) - math.lgamma(a + b + x)
    stayed -= (r + x) * math.log(alpha + age)
    left += math.log(a) - (r + x) * math.log(alpha + recency)
    return 1 / (1 + math.exp(left - stayed))


def purchases_within(model, x, recency, age, time, steps=4_000):
    """E[Y(t)] by integrating the rate of purchases, instead of by 2F1.

    Given the rate l and the chance p of leaving, a customer who is alive buys by t on average
    (1 - exp(-l p t)) / p. Its derivative by t, l exp(-l p t), is averaged over l (a gamma
    distribution) in closed form, and over p (a beta distribution) as a series of its moments.
    """
    r, alpha, a, b = (model[name] for name in ("r", "alpha", "a", "b"))
    shape, rate = r + x, alpha + age

    def intensity(t):
        # E_p[ shape * rate^shape / (rate + p t)^(shape + 1) ], p ~ Beta(a, b + x)
        z = t / (rate + t)
        term, total, n = 1.0, 1.0, 0
        # (rate + p t) = (rate + t) (1 - (1 - p) z): a series in the moments of 1 - p.
        while n < 20_000:
            moment = (b + x + n) / (a + b + x + n)
            term *= (shape + 1 + n) / (n + 1) * z * moment
            total += term
            n += 1
            if abs(term) < 1e-16 * abs(total):
                break
        return shape * rate**shape / (rate + t) ** (shape + 1) * total

    # Simpson's rule.
    h = time / steps
    total = intensity(0) + intensity(time)
    for at in range(1, steps):
        total += intensity(at * h) * (4 if at % 2 else 2)
    return alive(model, x, recency, age) * total * h / 3


def score(model, vector):
    if model["kind"] == "logistic":
        margin = model["intercept"]
        for weight, transform, each in zip(model["weights"], model["transforms"], vector):
            margin += weight * (math.log1p(max(0.0, each)) if transform == "log1p" else each)
        return 1 / (1 + math.exp(-margin))
    x, since, age = vector[:3]
    recency = max(0.0, age - since)
    fitted = model["purchases"]
    if model["kind"] == "churn":
        known = fitted["alpha"] + age
        within = model["within"]
        silent = (known / (known + within)) ** (fitted["r"] + x)
        return 1 - alive(fitted, x, recency, age) * (1 - silent)
    p, q, v = (model["spend"][name] for name in ("p", "q", "v"))
    spend = p * (v + x * vector[3]) / (p * x + q - 1)
    total, before = 0.0, 0.0
    for month in range(1, model["months"] + 1):
        steps = 2 * (20 + 4 * month)
        bought = purchases_within(fitted, x, recency, age, month * model["time_of_month"], steps)
        total += spend * (bought - before) / (1 + model["discount_of_month"]) ** month
        before = bought
    return total


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def main():
    for folder in map(Path, sys.argv[1:]):
        model = json.loads((folder / "model.json").read_text())
        card = json.loads((folder / "card.json").read_text())
        drawn = random.Random(7)
        edges = [card["reference"]["inputs"][each["name"]]["edges"] for each in card["inputs"]]
        inputs = [[float32(drawn.choice(each)) for each in edges] for _ in range(VECTORS)]
        expected = [score(model, each) for each in inputs]
        text = json.dumps({"inputs": inputs, "expected": expected})
        (folder / "parity.json").write_text(text.replace("], ", "],\n") + "\n")
        print(folder, VECTORS, "vectors")


if __name__ == "__main__":
    main()
