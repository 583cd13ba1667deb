"""Trains trees, and writes them as an ONNX file that answers the same and can explain itself."""

import lightgbm
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

PARITY_MAX = 1e-6
ML_OPSET, OPSET, IR_VERSION = 3, 18, 8
# Equal bytes from equal data, whatever else the machine does.
REPRODUCIBLE = {"deterministic": True, "force_row_wise": True, "num_threads": 2, "verbose": -1}
FLOAT32_MAX = float(np.finfo(np.float32).max)


def grow(vectors, labels, parameters, trees, seed):
    data = lightgbm.Dataset(np.asarray(vectors, np.float32), np.asarray(labels))
    return lightgbm.train(parameters | REPRODUCIBLE | {"seed": seed}, data, trees)


def margins_of_folds(vectors, labels, folds, *how):
    """Every row as a model says it that was trained without it."""
    margins = np.empty(len(labels))
    for inside, outside in folds:
        booster = grow(vectors[inside], labels[inside], *how)
        margins[outside] = booster.predict(vectors[outside], raw_score=True)
    return margins


def to_onnx(booster, slope=1.0, offset=0.0):
    """The model as one TreeEnsembleClassifier: P(positive) = logistic(slope × margin + offset).

    Slope and offset are those of a Platt calibration; they go into the leaves and the base value,
    so that one operator answers a calibrated probability. Inner nodes carry how many training
    rows passed them (nodes_hitrates): contributions are weighted by it.
    """
    dump = booster.dump_model()
    nodes, leaves = Table(NODE_COLUMNS), Table(LEAF_COLUMNS)
    for tree, described in enumerate(dump["tree_info"]):
        add_tree(tree, described["tree_structure"], slope, nodes, leaves)
    ensemble = helper.make_node(
        "TreeEnsembleClassifier",
        ["inputs"],
        ["label", "probabilities"],
        domain="ai.onnx.ml",
        base_values=[float(offset)],
        classlabels_int64s=[0, 1],
        post_transform="LOGISTIC",
        **nodes.attributes("nodes"),
        **leaves.attributes("class"),
    )
    width = dump["max_feature_idx"] + 1
    graph = helper.make_graph(
        [ensemble],
        "trees",
        [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, [None, width])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
        ],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="countersign")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def by_onnxruntime(content, vectors):
    """P(positive) for each row, as the reference implementation gives it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"inputs": np.asarray(vectors, np.float32)})[0][:, 1]


def check_parity(content, booster, vectors, slope=1.0, offset=0.0):
    """The file must say what was trained, for every row at hand."""
    vectors = np.asarray(vectors, np.float32)
    margins = booster.predict(vectors, raw_score=True)
    expected = 1 / (1 + np.exp(-(slope * margins + offset)))
    difference = np.abs(by_onnxruntime(content, vectors) - expected).max()
    if not difference <= PARITY_MAX:
        raise SystemExit(f"ONNX differs from LightGBM by {difference:.2e}")
    return difference


NODE_COLUMNS = (
    "treeids nodeids featureids values modes truenodeids falsenodeids hitrates "
    "missing_value_tracks_true"
).split()
LEAF_COLUMNS = "treeids nodeids ids weights".split()


class Table:
    """Rows that grow, as the parallel lists that ONNX wants them in."""

    def __init__(self, names):
        self.columns = {name: [] for name in names}

    def add(self, *row):
        for column, value in zip(self.columns.values(), row, strict=True):
            column.append(value)

    def attributes(self, prefix):
        return {f"{prefix}_{name}": column for name, column in self.columns.items()}


def add_tree(tree, root, slope, nodes, leaves):
    """Numbers the nodes in pre-order: the left child of `n` is `n + 1`."""

    def add(node, number):
        if "leaf_value" in node:
            nodes.add(tree, number, 0, 0.0, "LEAF", 0, 0, float(node.get("leaf_count", 0)), 0)
            leaves.add(tree, number, 0, slope * node["leaf_value"])
            return number + 1
        right = number + 1 + size(node["left_child"])
        cut, covered = floor32(node["threshold"]), float(node["internal_count"])
        nodes.add(
            tree, number, node["split_feature"], cut, "BRANCH_LEQ", number + 1, right, covered,
            int(goes_left_if_missing(node)),
        )
        add(node["left_child"], number + 1)
        return add(node["right_child"], right)

    add(root, 0)


def size(node):
    return 1 if "leaf_value" in node else 1 + size(node["left_child"]) + size(node["right_child"])


def floor32(threshold):
    """The largest float32 not above: for float32 inputs, `x <= threshold` stays the same."""
    # A split of what is known from what is missing has a threshold that float32 cannot reach.
    nearest = np.float32(min(threshold, FLOAT32_MAX))
    below = np.nextafter(nearest, np.float32(-np.inf))
    return float(nearest) if float(nearest) <= threshold else float(below)


def goes_left_if_missing(node):
    """A feature that was never missing in training is read as 0 by LightGBM when it is."""
    return node["default_left"] if node["missing_type"] == "NaN" else 0 <= node["threshold"]
