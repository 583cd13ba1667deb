"""How models are judged: figures with 95 % intervals, fairness by group, histograms for drift."""

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

REPLICATES = 500
# Of a fairness table: what is smaller says more of chance than of the model.
GROUP_MIN = 100
NEWTON_STEPS, NEWTON_ENOUGH = 25, 1e-9
# Of the values, how many lie below each edge of a histogram.
CUTS = [0, *np.arange(0.1, 1, 0.1), 0.99]


def measured(split, labels, scores, figures, seed, clusters=None):
    """Each figure with its percentile bootstrap interval, as rows of a model card.

    `figures` maps a name to a function of labels, scores and weights. Rows that hang together,
    such as the payments of one account, are drawn together: by their `clusters`.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    clusters = np.arange(len(labels)) if clusters is None else clusters
    members = np.unique(clusters, return_inverse=True)[1]
    count = members.max() + 1
    random = np.random.default_rng(seed)
    draws = {name: [] for name in figures}
    for _ in range(REPLICATES):
        drawn = np.bincount(random.integers(0, count, count), minlength=count)
        weights = drawn[members].astype(float)
        kept = weights > 0
        for name, figure in figures.items():
            draws[name].append(figure(labels[kept], scores[kept], weights[kept]))
    ones = np.ones(len(labels))
    rows = []
    for name, figure in figures.items():
        low, high = np.percentile(draws[name], [2.5, 97.5])
        value = figure(labels, scores, ones)
        interval = {"value": value, "low": low, "high": high}
        interval = {bound: round(float(each), 4) for bound, each in interval.items()}
        rows.append({"name": name, "split": split, "n": len(labels)} | interval)
    return rows


def tell(rows):
    for row in rows:
        interval = f"[{row['low']:.4f}, {row['high']:.4f}]"
        print(f"{row['split']:30} {row['name']:42} {row['value']:.4f}  {interval}")


def auc(labels, scores, weights):
    return roc_auc_score(labels, scores, sample_weight=weights)


def average_precision(labels, scores, weights):
    return average_precision_score(labels, scores, sample_weight=weights)


def brier(labels, scores, weights):
    return np.average((scores - labels) ** 2, weights=weights)


def kolmogorov_smirnov(labels, scores, weights):
    """The largest distance between the score's distributions of both classes."""
    false_positive, true_positive, _ = roc_curve(labels, scores, sample_weight=weights)
    return np.max(true_positive - false_positive)


def calibration_offset(labels, scores, weights):
    """What was said less what happened: 0 at best."""
    return np.average(scores - labels, weights=weights)


def calibration_slope(labels, scores, weights):
    """1 at best; below, high scores are too high and low ones too low."""
    safe = np.clip(scores, 1e-6, 1 - 1e-6)
    return platt(np.log(safe / (1 - safe)), labels, weights)[0]


def platt(margins, labels, weights=None):
    """Slope and offset with which margins are log odds: logistic regression, by Newton's method."""
    weights = np.ones(len(margins)) if weights is None else weights
    slope, offset = 1.0, 0.0
    for _ in range(NEWTON_STEPS):
        expected = logistic(slope * margins + offset)
        error, bend = weights * (labels - expected), weights * expected * (1 - expected)
        bent = bend * margins
        # The two equations for the step, solved by Cramer's rule.
        a, b, c = (bent * margins).sum(), bent.sum(), bend.sum()
        up, along = (error * margins).sum(), error.sum()
        steps = ((c * up - b * along) / (a * c - b * b), (a * along - b * up) / (a * c - b * b))
        slope, offset = slope + steps[0], offset + steps[1]
        if max(map(abs, steps)) < NEWTON_ENOUGH:
            break
    return float(slope), float(offset)


def logistic(margins):
    return 1 / (1 + np.exp(-margins))


def precision_at(threshold):
    def figure(labels, scores, weights):
        return ratio(weights * labels, weights, scores >= threshold)

    return figure


def recall_at(threshold):
    def figure(labels, scores, weights):
        return ratio(weights * (scores >= threshold), weights, labels == 1)

    return figure


def ratio(part, whole, where):
    total = whole[where].sum()
    return part[where].sum() / total if total > 0 else 0.0


def fairness_table(attributes, favourable, deserving):
    """By attribute and group: who is let through, and who of those that deserve it.

    The impact ratio compares with the group of the highest rate; the true positive rate is of
    those who deserve to be let through (equal opportunity). Small groups are left out.
    """
    rows = []
    for attribute, groups in attributes.items():
        names, counts = np.unique(groups, return_counts=True)
        shown = [str(name) for name, count in zip(names, counts) if count >= GROUP_MIN]
        rates = {name: favourable[groups == name].mean() for name in shown}
        best = max(shown, key=lambda name: rates[name])
        for name in shown:
            inside = groups == name
            impact = None if name == best else round(float(rates[name] / rates[best]), 4)
            opportunity = favourable[inside & deserving].mean()
            rows.append(
                {
                    "attribute": attribute,
                    "group": name,
                    "n": int(inside.sum()),
                    "favourable_rate": round(float(rates[name]), 4),
                    "impact_ratio": impact,
                    "true_positive_rate": round(float(opportunity), 4),
                }
            )
    return rows


def fairness_finding(rows):
    """The table in one sentence, by the four-fifths rule and by the largest gap of opportunity."""
    low = [row for row in rows if row["impact_ratio"] is not None and row["impact_ratio"] < 0.8]
    named = ", ".join(
        f"{row['attribute']} {row['group']} ({row['impact_ratio']:.2f})" for row in low
    )
    gaps = {}
    for row in rows:
        gaps.setdefault(row["attribute"], []).append(row["true_positive_rate"])
    gap, where = max((max(rates) - min(rates), name) for name, rates in gaps.items())
    return (
        f"Impact ratios below 0.8: {named or 'none'}. "
        f"Largest difference of true positive rates: {gap:.2f} ({where})."
    )


def histogram(values):
    """From the least value on, bins of about equal size; the last begins at the 99th percentile."""
    values = np.asarray(values, dtype=np.float64)
    present = values[~np.isnan(values)]
    cuts = np.quantile(present, CUTS, method="inverted_cdf") if len(present) else []
    edges = sorted({float(f"{cut:.6g}") for cut in cuts})
    bins = np.searchsorted(edges, present, side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1)
    missing = len(values) - len(present)
    return {"edges": edges, "counts": [int(count) for count in counts], "missing": missing}
