"""Trains models/payment-fraud: the probability that a payment is fraud, on the synthetic bank."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from card import described, lines_digest, training, write_model
from measure import (
    auc,
    average_precision,
    brier,
    calibration_offset,
    calibration_slope,
    histogram,
    logistic,
    measured,
    platt,
    precision_at,
    recall_at,
    tell,
)
from trees import check_parity, grow, margins_of_folds, to_onnx

TREES = 250
# Minor units: what it costs to look at a payment and to annoy an honest customer. Fraud that is
# missed costs its amount.
FALSE_ALARM_COST = 2_000

PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 24,
    "max_depth": 6,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10,
}

KINDS = {"card": 0, "transfer": 1, "bill": 2, "standing_order": 3, "cash": 4}
CHANNELS = {
    "card_present": 0, "card_not_present": 1, "atm": 2, "mobile": 3, "web": 4, "branch": 5,
    "api": 6, "batch": 7,
}
# Ordered by how easily what is bought there is turned into cash.
GOODS = {
    "4111": 0, "5541": 1, "5812": 2, "5814": 3, "4121": 4, "5411": 5, "5912": 6, "8011": 7,
    "7832": 8, "5200": 9, "7011": 10, "4900": 11, "4814": 12, "6300": 13, "6513": 14, "5968": 15,
    "5311": 16, "5942": 17, "5691": 18, "5815": 19, "4511": 20, "5732": 21, "5999": 22,
    "6011": 23, "4829": 24,
}

FACTS = {
    "amount_home": "The amount in minor units of the home currency.",
    "kind": "What the payment is.",
    "channel": "Where it comes from.",
    "mcc": "The merchant category, by how easily what is bought there is turned into cash.",
    "local_hour": "The hour of day where the customer lives.",
    "new_device": "Whether the customer's device was never seen before.",
    "new_payee": "Whether the customer pays this payee for the first time.",
}
CODES = {"kind": KINDS, "channel": CHANNELS, "mcc": GOODS}

FEATURES = {
    "account.count_1h": "Payments of the account within an hour.",
    "account.count_1d": "Payments of the account within a day.",
    "account.sum_1h": "What the account has paid within an hour, minor units.",
    "account.sum_1d": "What the account has paid within a day, minor units.",
    "account.max_1d": "The largest payment of the account within a day, minor units.",
    "account.merchants_1d": "Merchants that the account has paid within a day.",
    "account.seconds_since_payment": "Since the account's latest payment.",
    "account.amount_ratio_30d": "The amount by the account's mean of 30 days.",
    "account.amount_zscore_30d": "The amount in standard deviations from the account's mean.",
    "card.count_1h": "Payments by the card within an hour.",
    "card.sum_1h": "What was paid by the card within an hour, minor units.",
    "card.merchants_1d": "Merchants where the card was used within a day.",
    "card.seconds_since_payment": "Since the card's latest payment.",
    "merchant.count_1h": "Payments to the merchant within an hour.",
    "merchant.count_1d": "Payments to the merchant within a day.",
    "merchant.accounts_1d": "Accounts that have paid the merchant within a day.",
    "merchant.mean_7d": "The merchant's mean payment of seven days, minor units.",
    "device.count_1h": "Payments from the device within an hour.",
    "device.count_1d": "Payments from the device within a day.",
    "device.accounts_1d": "Accounts that have paid from the device within a day.",
    "device.seconds_since_payment": "Since the device's latest payment.",
}
DESCRIPTIONS = FACTS | FEATURES

RULE = {
    "base": 0.02,
    "terms": [
        {"input": "new_device", "at_least": 1, "add": 0.3},
        {"input": "new_payee", "at_least": 1, "add": 0.2},
        {"input": "device.accounts_1d", "at_least": 2, "add": 0.4},
        {"input": "card.count_1h", "at_least": 3, "add": 0.2},
        {"input": "account.amount_ratio_30d", "at_least": 3, "add": 0.15},
        {"input": "account.amount_zscore_30d", "at_least": 4, "add": 0.1},
    ],
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", nargs="+", required=True, help="exports, one a seed, to train")
    arguments.add_argument("--test", nargs="+", required=True, help="exports of other seeds")
    arguments.add_argument("--out", default="models/payment-fraud")
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()

    known, unseen = read_exports(given.data), read_exports(given.test)
    vectors, labels = vectors_of(known), labels_of(known)
    how = (PARAMETERS, TREES, given.seed)
    booster = grow(vectors, labels, *how)
    # A day is told by what was learnt from the others: of other banks, and of other thieves.
    margins = margins_of_folds(vectors, labels, folds_by(known["day"].to_numpy()), *how)
    slope, offset = platt(margins, labels)
    threshold = cheapest(labels, logistic(slope * margins + offset), amounts_of(known))
    content = to_onnx(booster, slope, offset)
    test, truth = vectors_of(unseen), labels_of(unseen)
    check_parity(content, booster, np.concatenate([vectors, test]), slope, offset)

    scores = logistic(slope * booster.predict(test, raw_score=True) + offset)
    metrics = metrics_of(unseen, truth, scores, threshold, given.seed)
    baselines = baselines_of(unseen, truth)
    report(metrics, baselines, threshold, booster)
    card = CARD | {
        "inputs": [described_input(name, vectors[:, at]) for at, name in enumerate(DESCRIPTIONS)],
        "output": {"threshold": threshold, "positive": "fraud"},
        "training": training(
            __file__,
            "python training/payment_fraud.py --data seed-10?.csv --test seed-20?.csv",
            given.seed,
            {
                "source": (
                    "Payments of the synthetic bank: countersign demo --no-model, then countersign "
                    "features export"
                ),
                "licence": "Apache-2.0, as the generator",
                "digest": lines_digest(sorted(map(Path, [*given.data, *given.test]))),
                "rows": len(known) + len(unseen),
                "split": split(given.data, given.test),
            },
            PARAMETERS | {"trees": TREES, "platt_slope": slope, "platt_offset": offset},
        ),
        "metrics": metrics,
        "baselines": baselines,
        "reference": {
            "score": histogram(scores),
            "inputs": {name: histogram(test[:, at]) for at, name in enumerate(DESCRIPTIONS)},
        },
    }
    write_model(given.out, content, card, vectors, given.seed)


def stems(paths):
    return [Path(path).stem for path in paths]


def split(known, unseen):
    """By bank: neither its customers nor its thieves are met again."""
    learnt, tested = (", ".join(sorted(stems(paths))) for paths in (known, unseen))
    return f"By bank, one day each. To train and to calibrate: {learnt}; to test: {tested}."


def read_exports(paths):
    """All labelled payments that customers have asked for, a day after the other."""
    days = [
        pd.read_csv(path, dtype={"fact.mcc": str}).assign(day=Path(path).stem)
        for path in sorted(paths)
    ]
    table = pd.concat(days, ignore_index=True)
    table = table.rename(columns=lambda name: name.removeprefix("fact."))
    table = table[table["label"].isin(["fraud", "genuine"]) & table["kind"].isin(KINDS)]
    return table.reset_index(drop=True)


def vectors_of(table):
    columns = {
        name: table[name].map(CODES[name]) if name in CODES else table[name]
        for name in DESCRIPTIONS
    }
    return pd.DataFrame(columns).astype(float).to_numpy(np.float32)


def labels_of(table):
    return (table["label"] == "fraud").to_numpy(int)


def amounts_of(table):
    return table["amount_home"].to_numpy(float)


def folds_by(days):
    return [(days != day, days == day) for day in np.unique(days)]


def cheapest(labels, scores, amounts):
    """The threshold at which what thieves get and honest customers are asked costs the least."""
    candidates = np.arange(0.02, 0.99, 0.01)
    costs = [np.mean(losses(labels, scores, amounts, each)) for each in candidates]
    return round(float(candidates[np.argmin(costs)]), 2)


def losses(labels, scores, amounts, threshold):
    """By payment, minor units."""
    missed = (labels == 1) & (scores < threshold)
    alarmed = (labels == 0) & (scores >= threshold)
    return missed * amounts + alarmed * FALSE_ALARM_COST


LOSS = "loss and alarms per payment, minor units"


def metrics_of(table, labels, scores, threshold, seed):
    """Payments of one account hang together: they are drawn together."""
    figures = {
        "AUC": auc,
        "average precision": average_precision,
        "precision": precision_at(threshold),
        "recall": recall_at(threshold),
        "Brier score": brier,
        "calibration slope": calibration_slope,
        "predicted less observed": calibration_offset,
    }
    split, accounts = "days of other banks", table["day"] + table["account_id"]
    by_payment = losses(labels, scores, amounts_of(table), threshold)
    loss = {LOSS: lambda _, values, weights: np.average(values, weights=weights)}
    return [
        *measured(split, labels, scores, figures, seed, accounts),
        *measured(split, labels, by_payment, loss, seed, accounts),
    ]


def baselines_of(table, labels):
    points = average_precision(labels, ruled(table), None)
    lost = np.mean(amounts_of(table) * labels)
    return [
        {
            "name": "The plain points of the fallback",
            "metric": "average precision",
            "value": round(float(points), 4),
        },
        {"name": "Nothing is stopped", "metric": LOSS, "value": round(float(lost), 4)},
    ]


def ruled(table):
    points = np.full(len(table), RULE["base"])
    vectors = dict(zip(DESCRIPTIONS, vectors_of(table).T))
    for term in RULE["terms"]:
        points += np.where(vectors[term["input"]] >= term["at_least"], term["add"], 0)
    return np.clip(points, 0, 1)


def report(metrics, baselines, threshold, booster):
    tell(metrics)
    for row in baselines:
        print(f"{row['metric']:42} {row['value']:.4f}  {row['name']}")
    gains = dict(zip(DESCRIPTIONS, booster.feature_importance("gain")))
    heaviest = sorted(gains, key=gains.get, reverse=True)
    print(f"threshold {threshold}; by gain: {', '.join(heaviest)}")


def described_input(name, values):
    source = "fact" if name in FACTS else "feature"
    return described(name, source, "nan", DESCRIPTIONS[name], values, CODES.get(name))


CARD = {
    "format": 1,
    "name": "payment-fraud",
    "title": "Fraud in payments",
    "purpose": (
        "Estimates for every payment that a customer asks for how likely it is that somebody else "
        "asks in the customer's name. One fact of the payment policy, which decides."
    ),
    "owner": "The Countersign project",
    "limits": [
        "Trained on a synthetic bank with planted fraud, not on any real one: it shows how a model "
        "is served and governed. Its figures say nothing about other banks.",
        "It knows four scenarios: stolen cards, a compromised merchant, account takeover, card "
        "testing. Others it finds by chance only.",
        "A bank's history is one day long there. Features of longer windows hold no more than "
        "that, and features of past fraud, which need a week, are no inputs.",
        "Counts of merchants depend on how large the bank is: here some thousands of customers.",
        "Labels are the generator's truth, complete and without mistakes: real ones come late and "
        "are disputed.",
    ],
    "decides": {
        "point": "payment-authorization",
        "value_fact": "fraud_score",
        "status_fact": "score_status",
    },
    "confidence": {"missing_max": 14, "outside_max": 4},
    "budget_ms": 80,
    "fallback": {"previous": True, "rule": RULE},
    "fairness": {
        "note": (
            "Synthetic customers have no protected attributes, so nothing can be measured. A bank "
            "that trains this model on its own payments adds its groups to the table."
        ),
        "rows": [],
    },
}

if __name__ == "__main__":
    main()
