"""Trains models/offer-propensity: how likely a customer takes out savings that he is offered."""

import argparse

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

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

TREES = 200
# Who was asked often in vain is no likelier to agree; who agreed before is.
RISES, FALLS, FREE = 1, -1, 0
DIRECTIONS = {"contacts_in_campaign": FALLS, "last_outcome": RISES}
# A fifth of the rows that were trained on lie above.
OFFERED_SHARE = 0.2
TRAINED_SHARE = 2 / 3

PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "max_depth": 6,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10,
}

SOURCE = (
    "Bank Marketing (Portugal, May 2008 to November 2010), bank-additional-full, UCI Machine "
    "Learning Repository 222, of which 32,950 rows"
)
FOLDS = 5
SPLIT = (
    "By time: the first two thirds to train, the last third to test. Calibrated (Platt) on the "
    "training rows, each scored by a model of the 4 of 5 folds that it is not in. At random, for "
    "comparison only: 5 folds of all rows."
)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, help="bank-marketing-train.csv.gz")
    arguments.add_argument("--out", default="models/offer-propensity")
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()

    table = pd.read_csv(given.data, sep=";")
    inputs = readable(table)
    labels = (table["y"] == "yes").to_numpy().astype(int)
    # The rows are in the order of the calls.
    fit = np.arange(int(len(table) * TRAINED_SHARE))
    test = np.arange(len(fit), len(table))

    vectors = inputs.to_numpy(np.float32)
    constraints = [DIRECTIONS.get(name, FREE) for name in inputs]
    how = (PARAMETERS | {"monotone_constraints": constraints}, TREES, given.seed)
    booster = grow(vectors[fit], labels[fit], *how)
    unseen = by_folds(vectors[fit], labels[fit], how)
    slope, offset = platt(unseen, labels[fit])
    content = to_onnx(booster, slope, offset)
    check_parity(content, booster, vectors, slope, offset)

    scores = logistic(slope * booster.predict(vectors[test], raw_score=True) + offset)
    at_random = by_folds(vectors, labels, how)
    metrics = [
        *measured("by time, last third", labels[test], scores, FIGURES, given.seed),
        *measured("at random, 5 folds of all rows", labels, at_random, RANKING, given.seed),
    ]
    threshold = float(f"{np.quantile(logistic(slope * unseen + offset), 1 - OFFERED_SHARE):.4g}")
    groups = protected(table.iloc[test])
    fairness = fairness_table(groups, scores >= threshold, labels[test] == 1)
    tell(metrics)
    print(pd.DataFrame(fairness).to_string(index=False))

    card = CARD | {
        "inputs": [
            described(
                name, "input", "nan", DESCRIPTIONS[name], inputs[name].iloc[fit], CODES.get(name)
            )
            for name in inputs
        ],
        "output": {"threshold": threshold, "positive": "accepted"},
        "training": training(
            __file__,
            "python training/offer_propensity.py --data bank-marketing-train.csv.gz",
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
        "baselines": baselines(labels, fit, test),
        "fairness": {"note": f"{FAIRNESS} {fairness_finding(fairness)}", "rows": fairness},
        "reference": {
            "score": histogram(logistic(slope * unseen + offset)),
            "inputs": {name: histogram(inputs[name].iloc[fit]) for name in inputs},
        },
    }
    write_model(given.out, content, card, vectors[fit], given.seed)


def by_folds(vectors, labels, how):
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=how[2]).split(vectors, labels)
    return margins_of_folds(vectors, labels, folds, *how)


def readable(table):
    """What a bank knows of a customer before it asks him, under the names of the card.

    Not among them: how long the call took, which nobody knows before it; age, marital status and
    education, and the occupation that stands for them; rates and indices of that one crisis.
    """
    known = {"yes": 1.0, "no": 0.0}
    columns = {
        "housing_loan": table["housing"].map(known),
        "personal_loan": table["loan"].map(known),
        "channel": table["contact"].map(CODES["channel"]),
        "contacts_in_campaign": table["campaign"].astype(float),
        "days_since_contact": table["pdays"].where(table["pdays"] < NEVER).astype(float),
        "contacts_before": table["previous"].astype(float),
        "last_outcome": table["poutcome"].map({"failure": 0.0, "success": 1.0}),
    }
    return pd.DataFrame(columns)


# The data's own word for a customer who was not contacted before.
NEVER = 999
# The data knows two ways of asking; ours are told as the one that they are most like.
CODES = {"channel": {"telephone": 0, "cellular": 1}}


def protected(table):
    """Who the customers are: never an input, only to see how the model treats them."""
    ages = pd.cut(table["age"], [0, 25, 35, 45, 60, 120], labels=AGES).astype(object)
    return {
        "age": ages.fillna("unknown").to_numpy(),
        "education": table["education"].map(EDUCATION).fillna("unknown").to_numpy(),
        "marital status": table["marital"].to_numpy(),
    }


AGES = ["up to 25", "26 to 35", "36 to 45", "46 to 60", "over 60"]
EDUCATION = {
    "university.degree": "university",
    "professional.course": "professional course",
    "high.school": "high school",
    "basic.9y": "nine years or fewer",
    "basic.6y": "nine years or fewer",
    "basic.4y": "nine years or fewer",
    "illiterate": "nine years or fewer",
}


def captured(labels, scores, weights):
    """Of all who agreed, those among the tenth that is ranked highest."""
    order = np.argsort(-scores, kind="stable")
    tenth = np.cumsum(weights[order]) <= weights.sum() / 10
    return np.sum((weights * labels)[order][tenth]) / np.sum(weights * labels)


def baselines(labels, fit, test):
    rate = "share who agreed"
    return [
        {"name": "Published on this data set, at random", "metric": "AUC", "value": 0.8},
        {"name": "Published on this data set, by time", "metric": "AUC", "value": 0.58},
        {"name": "First two thirds", "metric": rate, "value": round(labels[fit].mean(), 4)},
        {"name": "Last third", "metric": rate, "value": round(labels[test].mean(), 4)},
    ]


FIGURES = {
    "AUC": auc,
    "average precision": average_precision,
    "Brier score": brier,
    "Kolmogorov-Smirnov": kolmogorov_smirnov,
    "calibration slope": calibration_slope,
    "predicted less observed": calibration_offset,
    "captured by the top tenth": captured,
}

RANKING = {"AUC": auc, "average precision": average_precision}

DESCRIPTIONS = {
    "housing_loan": "Whether the customer has a loan on a home.",
    "personal_loan": "Whether the customer has a personal loan.",
    "channel": "How the customer is asked: by telephone, or on a device that he carries.",
    "contacts_in_campaign": "How often he was asked for this already, with this time.",
    "days_since_contact": "Since he was last asked for something else; missing if never.",
    "contacts_before": "How often he was asked for something else before.",
    "last_outcome": "Of what he was last asked: 1 agreed, 0 declined; missing if never.",
}

FAIRNESS = (
    "Favourable: the score lies at or above the threshold, so that the offer would be made. Impact "
    "ratio: to the group with the highest rate. True positive rate: of those who did agree, the "
    "share that would be asked. On the test rows; groups of fewer than 100 are left out. Age, "
    "education and marital status are no inputs, yet other inputs may stand for them."
)

CARD = {
    "format": 1,
    "name": "offer-propensity",
    "title": "Taking out savings that are offered",
    "purpose": (
        "Estimates from the history of contacts how likely a customer takes out a term deposit or "
        "another savings product when it is offered. One of four terms by which offers are "
        "ranked; it decides nobody's eligibility, and changes no price."
    ),
    "owner": "The Countersign project",
    "limits": [
        "Its order hardly holds over time: an AUC of .56 on the last third (published: .58), where the share "
        "of those who agree is five times that of the first two thirds. Compare it with what your "
        "own customers do before you let it rank anything, and use a control group for ever.",
        "Its probabilities are those of the training time: too low for the test time by far. Only "
        "the order counts, and what smoothing with your own evidence makes of it.",
        "Telephone campaigns of one bank in Portugal, 2008 to 2010, for term deposits alone: "
        "neither another product, nor another country.",
        "It predicts who agrees, not whom asking changes: lift is measured, never predicted.",
    ],
    "decides": {
        "point": "offer-propensity",
        "value_fact": "offer_propensity",
        "status_fact": "offer_propensity_status",
        "needs": ["data_consent"],
    },
    "confidence": {"missing_max": 5, "outside_max": 2},
    "budget_ms": 10,
    # What was expected of the action when it was published stands in.
    "fallback": {"previous": True},
}

if __name__ == "__main__":
    main()
