"""Trains models/loan-default: the probability that a customer misses next month's payment."""

import argparse

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, train_test_split

from card import described, file_digest, training, write_model
from measure import (
    auc,
    average_precision,
    brier,
    calibration_offset,
    calibration_slope,
    fairness_finding,
    fairness_table,
    histogram,
    kolmogorov_smirnov,
    logistic,
    measured,
    platt,
    tell,
)
from trees import check_parity, grow, margins_of_folds, to_onnx

MONTHS = range(1, 7)
TREES = 300
# Later payment status may only raise the risk; a higher limit and higher repayments only lower it.
RISES, FALLS, FREE = 1, -1, 0
# To grant a loan that fails costs five times what it costs to refuse one that would not: the cost
# matrix published with the Statlog German credit data.
MISSED_COST, REFUSED_COST = 5, 1
THRESHOLD = round(REFUSED_COST / (REFUSED_COST + MISSED_COST), 4)

PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "max_depth": 6,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10,
    "monotone_constraints_method": "advanced",
}

SOURCE = (
    "Default of Credit Card Clients (Taiwan, 2005), UCI Machine Learning Repository 350, of which "
    "24,000 rows"
)
FOLDS = 5
SPLIT = (
    "Without rows that repeat another. Stratified by the label: 80 % to train, 20 % to test. "
    "Calibrated (Platt) on the training rows, each scored by a model of the 4 of 5 folds that it "
    "is not in. Nothing was chosen on the test rows."
)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, help="credit-default-taiwan-train.csv.gz")
    arguments.add_argument("--out", default="models/loan-default")
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()

    table = pd.read_csv(given.data)
    table = table[~table.drop(columns="ID").duplicated()].reset_index(drop=True)
    inputs = readable(table)
    labels = table["default.payment.next.month"].to_numpy()
    fit, test = train_test_split(
        np.arange(len(table)), test_size=0.2, stratify=labels, random_state=given.seed
    )

    vectors = inputs.to_numpy(np.float32)
    how = (PARAMETERS | {"monotone_constraints": directions(inputs)}, TREES, given.seed)
    booster = grow(vectors[fit], labels[fit], *how)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=given.seed)
    folds = folds.split(vectors[fit], labels[fit])
    unseen = margins_of_folds(vectors[fit], labels[fit], folds, *how)
    slope, offset = platt(unseen, labels[fit])
    content = to_onnx(booster, slope, offset)
    check_parity(content, booster, vectors, slope, offset)

    scores = logistic(slope * booster.predict(vectors[test], raw_score=True) + offset)
    metrics = [
        *measured("test, 20 %", labels[test], scores, FIGURES, given.seed),
        *measured("5 folds of the training rows", labels[fit], unseen, RANKING, given.seed),
    ]
    fairness = fairness_table(protected(table.iloc[test]), scores < THRESHOLD, labels[test] == 0)
    tell(metrics)
    print(pd.DataFrame(fairness).to_string(index=False))

    card = CARD | {
        "inputs": [
            described(name, "input", "refuse", DESCRIPTIONS[name], inputs[name].iloc[fit])
            for name in inputs
        ],
        "output": {"threshold": THRESHOLD, "positive": "default"},
        "training": training(
            __file__,
            "python training/loan_default.py --data credit-default-taiwan-train.csv.gz",
            given.seed,
            {
                "source": SOURCE,
                "licence": "CC BY 4.0",
                "digest": file_digest(given.data),
                "rows": len(table),
                "split": SPLIT,
            },
            PARAMETERS | {"trees": TREES, "platt_slope": slope, "platt_offset": offset},
        ),
        "metrics": metrics,
        "baselines": baselines(labels[test]),
        "fairness": {"note": f"{FAIRNESS} {fairness_finding(fairness)}", "rows": fairness},
        "reference": {
            "score": histogram(scores),
            "inputs": {name: histogram(inputs[name].iloc[test]) for name in inputs},
        },
    }
    write_model(given.out, content, card, vectors[fit], given.seed)


def readable(table):
    """The columns under the names of the card; months count back from the latest, which is 1."""
    columns = {"credit_limit": table["LIMIT_BAL"]}
    statuses = ["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"]
    columns |= {f"repayment_status_{month}": table[statuses[month - 1]] for month in MONTHS}
    columns |= {f"bill_{month}": table[f"BILL_AMT{month}"] for month in MONTHS}
    columns |= {f"paid_{month}": table[f"PAY_AMT{month}"] for month in MONTHS}
    return pd.DataFrame(columns)


def protected(table):
    """Who the customers are: never an input, only to see how the model treats them."""
    ages = pd.cut(table["AGE"], [0, 25, 35, 45, 60, 120], labels=AGES).astype(object)
    return {
        "sex": table["SEX"].map({1: "male", 2: "female"}).to_numpy(),
        "age": ages.fillna("unknown").to_numpy(),
        "education": table["EDUCATION"].map(EDUCATION).fillna("other").to_numpy(),
        "marital status": table["MARRIAGE"].map(MARRIAGE).fillna("other").to_numpy(),
    }


AGES = ["up to 25", "26 to 35", "36 to 45", "46 to 60", "over 60"]
EDUCATION = {1: "graduate school", 2: "university", 3: "high school"}
MARRIAGE = {1: "married", 2: "single"}


def directions(inputs):
    """Which way each input may move the risk."""

    def direction(name):
        return RISES if name.startswith("repayment") else FREE if name.startswith("bill") else FALLS

    return [direction(name) for name in inputs]


def cost(labels, scores, weights):
    missed = (labels == 1) & (scores < THRESHOLD)
    refused = (labels == 0) & (scores >= THRESHOLD)
    return np.average(MISSED_COST * missed + REFUSED_COST * refused, weights=weights)


def refusal_rate(_, scores, weights):
    return np.average(scores >= THRESHOLD, weights=weights)


def baselines(labels):
    granted, refused = MISSED_COST * labels.mean(), REFUSED_COST * (1 - labels.mean())
    metric = "cost per application, 5 to 1"
    return [
        {"name": "Published on this data set", "metric": "AUC", "value": 0.78},
        {"name": "Everybody is granted", "metric": metric, "value": round(granted, 4)},
        {"name": "Nobody is granted", "metric": metric, "value": round(refused, 4)},
    ]


FIGURES = {
    "AUC": auc,
    "average precision": average_precision,
    "Brier score": brier,
    "Kolmogorov-Smirnov": kolmogorov_smirnov,
    "calibration slope": calibration_slope,
    "predicted less observed": calibration_offset,
    "cost per application, 5 to 1": cost,
    "share above the threshold": refusal_rate,
}

RANKING = {"AUC": auc, "average precision": average_precision}

ORDINALS = ["latest", *[f"{nth} latest" for nth in "second third fourth fifth sixth".split()]]
DESCRIPTIONS = {"credit_limit": "The credit limit granted, in NT dollars."}
for month, ordinal in zip(MONTHS, ORDINALS):
    DESCRIPTIONS[f"repayment_status_{month}"] = (
        f"Repayment in the {ordinal} month: -2 nothing owed, -1 paid in full, 0 revolving, 1 and "
        "more how many months late."
    )
    DESCRIPTIONS[f"bill_{month}"] = f"The bill of the {ordinal} month, in NT dollars."
    DESCRIPTIONS[f"paid_{month}"] = f"What was paid in the {ordinal} month, in NT dollars."

FAIRNESS = (
    "Favourable: the score is below the threshold. Impact ratio: to the group with the highest "
    "rate. True positive rate: of those who did pay, the share that is let through. On the test "
    "rows; groups of fewer than 100 are left out. Sex, age, education and marital status are no "
    "inputs, yet other inputs may stand for them."
)

CARD = {
    "format": 1,
    "name": "loan-default",
    "title": "Default on a personal loan",
    "purpose": (
        "Estimates from six months of repayment how likely a customer is to miss the next payment. "
        "One fact among others for the underwriting policy and the person who decides. It shows "
        "how a credit model is trained, documented, approved and watched; it is not for lending."
    ),
    "owner": "The Countersign project",
    "limits": [
        "A demonstration of the process. Not for decisions on people.",
        "Customers of one bank in Taiwan, April to September 2005, during a crisis of card debt: "
        "neither another country, nor another time, nor another product.",
        "Amounts are NT dollars of 2005. Converted amounts of elsewhere mean something else.",
        "It knows customers who had a card and a limit already; of people without a history with "
        "the bank it knows nothing.",
        "The label is a payment missed in one following month, not a loss.",
        "Status codes are read as the source's users do; the source itself documents only a part.",
    ],
    "decides": {
        "point": "personal-loan",
        "value_fact": "default_probability",
        "status_fact": "default_score_status",
    },
    "confidence": {"missing_max": 0, "outside_max": 3},
    "budget_ms": 25,
    # Without a score a person decides: no rule of thumb stands in for a credit model.
    "fallback": {"previous": True},
}

if __name__ == "__main__":
    main()
