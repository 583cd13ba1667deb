"""Writes the small ONNX models, with what onnxruntime answers, that src/ai/onnx is tested against.

    python3.11 -m venv .venv && .venv/bin/pip install -r training/requirements.txt
    .venv/bin/python training/parity.py src/ai/onnx/parity

Each model is `<name>.onnx`, beside `<name>.json` with {"inputs", "expected"}: rows of float32
values, null for not-a-number, and the answer to each (a classifier's probability of the second
class). The models are trained on noise with a planted rule: they mean nothing, and the same seed
makes the same files.
"""

import sys
import textwrap
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from lightgbm import LGBMClassifier, LGBMRegressor
from onnx import TensorProto, helper, numpy_helper
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import to_onnx, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

SEED = 20260401
WIDTH = 6
ROWS_KEPT = 60
OPSET = {"": 18, "ai.onnx.ml": 3}
WEIGHTS = numpy_helper.from_array(
    np.array([[0.3], [-0.2], [0.5], [0.1], [-0.4], [0.25]], np.float32), "weights"
)
MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (model, rows) in {**trained(), **handmade()}.items():
        # The converters list them in no order, and some of them twice.
        opsets = sorted({(opset.domain, opset.version) for opset in model.opset_import})
        del model.opset_import[:]
        model.opset_import.extend(helper.make_opsetid(*opset) for opset in opsets)
        onnx.checker.check_model(model)
        expected = [literal(answer(model, row)) for row in rows]
        content = model.SerializeToString(deterministic=True)
        (folder / f"{name}.onnx").write_bytes(content)
        (folder / f"{name}.json").write_text(as_json(rows, expected))
        operators = " ".join(node.op_type for node in model.graph.node)
        print(f"{name}: {len(content)} bytes, {operators}")


def as_json(rows: np.ndarray, expected: list[str]) -> str:
    """As the project's formatter wants it: numbers fill their lines, if they are all numbers."""
    inputs = ",\n    ".join(f"[{', '.join(literal(x) for x in row)}]" for row in rows)
    answers = ",\n    ".join(expected)
    if "null" not in expected:
        answers = textwrap.fill(", ".join(expected), 96, break_on_hyphens=False)
        answers = answers.replace("\n", "\n    ")
    return f'{{\n  "inputs": [\n    {inputs}\n  ],\n  "expected": [\n    {answers}\n  ]\n}}\n'


def literal(x: np.float32) -> str:
    """The shortest text that is read as the same float32."""
    return "null" if np.isnan(x) else str(np.float32(x)).replace("e-0", "e-")


def answer(model: onnx.ModelProto, row: np.ndarray) -> np.float32:
    """What onnxruntime says to one row, on one thread, as a server would ask it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    last = session.run(None, {session.get_inputs()[0].name: row.reshape(1, -1)})[-1]
    if isinstance(last, list):
        return np.float32(list(last[0].values())[-1])
    return np.asarray(last).reshape(-1)[-1]


def trained() -> dict[str, tuple[onnx.ModelProto, np.ndarray]]:
    """Models as the usual libraries export them."""
    register_boosters()
    random = np.random.default_rng(SEED)
    x = random.normal(size=(800, WIDTH)).astype(np.float32)
    signal = x[:, 0] + 0.7 * x[:, 1] * x[:, 2] - 0.5 * np.abs(x[:, 3])
    y = (signal + random.normal(scale=0.7, size=800) > 0).astype(int)
    value = (signal / 4).astype(np.float32)
    gaps = np.where(random.random(x.shape) < 0.15, np.float32(np.nan), x).astype(np.float32)
    boosted = {"n_estimators": 12, "max_depth": 4, "random_state": SEED}
    light = {"n_estimators": 15, "num_leaves": 12, "random_state": SEED, "verbosity": -1}
    columns = ColumnTransformer(
        [
            ("scaled", make_pipeline(SimpleImputer(), StandardScaler()), [4, 0, 2]),
            ("ranged", make_pipeline(SimpleImputer(), MinMaxScaler()), [1, 3]),
        ]
    )
    return {
        "logistic": export(
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression()),
            gaps, y,
        ),
        "logistic-columns": export(make_pipeline(columns, LogisticRegression()), gaps, y),
        "logistic-normalized": export(make_pipeline(Normalizer("l2"), LogisticRegression()), x, y),
        "logistic-normalized-max": export(
            make_pipeline(Normalizer("max"), LogisticRegression()), x, y
        ),
        "logistic-normalized-l1": export(
            make_pipeline(Normalizer("l1"), LogisticRegression()), x, y, zipmap=False
        ),
        "linear": export(make_pipeline(StandardScaler(), LinearRegression()), x, value),
        "tree": export(DecisionTreeClassifier(max_depth=5, random_state=SEED), x, y),
        "forest": export(
            RandomForestClassifier(n_estimators=10, max_depth=5, random_state=SEED), x, y
        ),
        "forest-regressor": export(
            RandomForestRegressor(n_estimators=10, max_depth=5, random_state=SEED), x, value
        ),
        "boosting": export(GradientBoostingClassifier(**boosted), x, y),
        "boosting-regressor": export(GradientBoostingRegressor(**boosted), x, value),
        "lightgbm": export(LGBMClassifier(**light), gaps, y),
        "lightgbm-plain": export(LGBMClassifier(**light), gaps, y, zipmap=False),
        "lightgbm-regressor": export(LGBMRegressor(**light), gaps, value),
        "xgboost": export(XGBClassifier(**boosted, base_score=0.3), gaps, y),
        "xgboost-regressor": export(XGBRegressor(**boosted, base_score=0.1), gaps, value),
    }


def export(model, x, y, zipmap=True) -> tuple[onnx.ModelProto, np.ndarray]:
    model.fit(x, y)
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    options = {id(last): {"zipmap": zipmap}} if hasattr(last, "predict_proba") else None
    onx = to_onnx(model, x[:1], options=options, target_opset=OPSET)
    return onx, x[:ROWS_KEPT]


def register_boosters() -> None:
    options = {"zipmap": [True, False, "columns"], "nocl": [True, False]}
    for booster, convert in ((LGBMClassifier, convert_lightgbm), (XGBClassifier, convert_xgboost)):
        update_registered_converter(
            booster, booster.__name__, calculate_linear_classifier_output_shapes, convert,
            options=options,
        )
    for booster, convert in ((LGBMRegressor, convert_lightgbm), (XGBRegressor, convert_xgboost)):
        update_registered_converter(
            booster, booster.__name__, calculate_linear_regressor_output_shapes, convert,
            options={"split": [None]} if booster is LGBMRegressor else None,
        )


def handmade() -> dict[str, tuple[onnx.ModelProto, np.ndarray]]:
    """What no library exports in one file, but the specification knows."""
    random = np.random.default_rng(SEED + 1)
    rows = random.integers(-2, 3, size=(ROWS_KEPT, WIDTH)).astype(np.float32)
    rows[random.random(rows.shape) < 0.15] = np.nan
    # A tenth has no exact double; its neighbours in float32 must fall on the right sides.
    tenth = np.float32(0.1)
    rows[0], rows[1] = tenth, np.nextafter(tenth, np.float32(1))
    rows[2] = np.nextafter(tenth, np.float32(0))
    found = {}
    for mode in MODES:
        attributes = ensemble(random, trees=5, modes=[mode], targets=1)
        found[f"mode-{mode[7:].lower()}"] = (regressor(attributes), rows)
    attributes = ensemble(random, trees=8, modes=MODES, targets=1)
    found["mode-mixed"] = (regressor(attributes, base_values=[0.2]), rows)
    average = {"aggregate_function": "AVERAGE", "base_values": [0.2]}
    found["mode-average"] = (regressor(attributes, **average), rows)
    for name, classes, more in [
        ("binary", [0], {"post_transform": "LOGISTIC"}),
        ("binary-none", [0], {}),
        ("binary-base", [0], {"post_transform": "LOGISTIC", "base_values": [0.4]}),
        ("both", [0, 1], {}),
        ("both-logistic", [0, 1], {"post_transform": "LOGISTIC"}),
        ("both-softmax", [0, 1], {"post_transform": "SOFTMAX"}),
    ]:
        attributes = ensemble(random, trees=4, modes=["BRANCH_LEQ"], targets=classes)
        found[f"classes-{name}"] = (classifier(attributes, **more), rows)
    positive = ensemble(random, trees=4, modes=["BRANCH_LEQ"], targets=[0])
    positive["target_weights"] = [abs(weight) / 4 for weight in positive["target_weights"]]
    found["classes-binary-positive"] = (classifier(positive), rows)
    logistic = classifier(positive, post_transform="LOGISTIC")
    found["classes-binary-positive-logistic"] = (logistic, rows)
    attributes = ensemble(random, trees=4, modes=["BRANCH_LEQ"], targets=1)
    found["calibrated"] = (calibrated(attributes), rows)
    found["dense"] = (dense(), np.nan_to_num(rows))
    found["product"] = (product(), np.nan_to_num(rows))
    found["linear-classes"] = (linear_classes("NONE", 2), rows)
    found["linear-classes-softmax"] = (linear_classes("SOFTMAX", 2), rows)
    found["linear-classes-one"] = (linear_classes("LOGISTIC", 1), rows)
    return found


def ensemble(random, trees: int, modes: list[str], targets: list[int] | int) -> dict:
    """Random full trees of depth 3, as the attributes that all tree ensembles share."""
    targets = [0] if targets == 1 else targets
    names = ["treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids"]
    nodes = {f"nodes_{name}": [] for name in [*names, "hitrates", "missing_value_tracks_true"]}
    leaves = {f"target_{name}": [] for name in ["treeids", "nodeids", "ids", "weights"]}
    for tree in range(trees):
        for node in range(15):
            inner = node < 7
            threshold = float(np.float32(0.1)) if node % 3 == 0 else float(random.integers(-2, 3))
            row = [
                tree, node,
                int(random.integers(WIDTH)) if inner else 0, threshold if inner else 0.0,
                modes[int(random.integers(len(modes)))] if inner else "LEAF",
                2 * node + 1 if inner else 0, 2 * node + 2 if inner else 0,
                float(random.integers(1, 100)), int(random.integers(2)) if inner else 0,
            ]
            for values, value in zip(nodes.values(), row, strict=True):
                values.append(value)
            if inner:
                continue
            for target in targets:
                weight = float(np.float32(random.normal(scale=0.5)))
                leaf = [tree, node, target, weight]
                for values, value in zip(leaves.values(), leaf, strict=True):
                    values.append(value)
    return nodes | leaves


def regressor(attributes: dict, **more) -> onnx.ModelProto:
    node = helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], name="trees", domain="ai.onnx.ml",
        n_targets=1, **attributes, **more,
    )
    return graph([node], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])])


def classifier(attributes: dict, **more) -> onnx.ModelProto:
    renamed = {name.replace("target_", "class_"): value for name, value in attributes.items()}
    node = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "p"], name="trees", domain="ai.onnx.ml",
        classlabels_int64s=[0, 1], **renamed, **more,
    )
    return graph([node], labelled())


def linear_classes(post_transform: str, rows: int) -> onnx.ModelProto:
    weights = [0.3, -0.2, 0.5, 0.1, -0.4, 0.25, -0.3, 0.4, 0.2, -0.6, 0.15, 0.05][: rows * WIDTH]
    node = helper.make_node(
        "LinearClassifier", ["x"], ["label", "p"], name="linear", domain="ai.onnx.ml",
        classlabels_ints=[0, 1], coefficients=weights, intercepts=[0.1, -0.2][:rows],
        post_transform=post_transform,
    )
    return graph([node], labelled())


def calibrated(attributes: dict) -> onnx.ModelProto:
    """A regressor's margin under Platt scaling: sigmoid(-(a * margin + b)), in plain operators."""
    trees = regressor(attributes).graph.node[0]
    constants = [
        numpy_helper.from_array(np.array([value], np.float32), name)
        for name, value in [("a", -1.3), ("b", 0.2), ("one", 1.0)]
    ]
    nodes = [
        trees,
        helper.make_node("Mul", ["y", "a"], ["scaled"]),
        helper.make_node("Add", ["scaled", "b"], ["shifted"]),
        helper.make_node("Neg", ["shifted"], ["negated"]),
        helper.make_node("Sigmoid", ["negated"], ["second"]),
        helper.make_node("Sub", ["one", "second"], ["first"]),
        helper.make_node("Concat", ["first", "second"], ["p"], axis=1),
    ]
    outputs = [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 2])]
    return graph(nodes, outputs, constants)


def dense() -> onnx.ModelProto:
    """A logistic regression in plain operators, as deep-learning tools write it."""
    constants = [WEIGHTS, numpy_helper.from_array(np.array([0.1], np.float32), "bias")]
    nodes = [
        helper.make_node("Gemm", ["x", "weights", "bias"], ["margin"]),
        helper.make_node("Sigmoid", ["margin"], ["p"]),
    ]
    outputs = [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])]
    return graph(nodes, outputs, constants)


def product() -> onnx.ModelProto:
    """A linear regression as a product and a sum."""
    constants = [WEIGHTS, numpy_helper.from_array(np.array([[0.1]], np.float32), "bias")]
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["products"]),
        helper.make_node("Add", ["products", "bias"], ["y"]),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])]
    return graph(nodes, outputs, constants)


def labelled() -> list:
    return [
        helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
        helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 2]),
    ]


def graph(nodes: list, outputs: list, constants: list | None = None) -> onnx.ModelProto:
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, WIDTH])]
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSET.items()]
    return helper.make_model(
        helper.make_graph(nodes, "parity", inputs, outputs, constants or []),
        opset_imports=opsets, ir_version=8, producer_name="parity",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
