"""The trained model as one ONNX graph, node by node: input ``features``, one output for each variant.

Each branch repeats what ``features``, ``members`` and ``calibrate`` compute, in float32, and sits in an ``If``. Its
condition is an optional input, ``<output>_wanted``, true unless it is fed: whoever needs one variant feeds the other's
with false, and does not pay for it (its output then has no rows). ONNX Runtime's ``only_execute_path_to_fetches`` does
not do this: its released builds run every node whatever is fetched.

Operators: ONNX, and TreeEnsembleRegressor of ``ai.onnx.ml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper
from sklearn.ensemble import HistGradientBoostingClassifier

from stellar.manifest import FEATURES, INPUT_NAME, novelty_output, switch
from stellar.schema import CLASSES, Variant
from stellar_pipeline.model.density import Density
from stellar_pipeline.model.features import DENSITY_PLACES, DEX, NEAREST_REDSHIFT, STELLAR_REDSHIFT
from stellar_pipeline.model.networks import Networks
from stellar_pipeline.model.training import Model

_OPSET, _ML_OPSET, _IR_VERSION = 17, 3, 9
_REDSHIFT = FEATURES.index("redshift")


class _Branch:
    """Nodes and constants of one variant; their names begin with the variant's."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, values: NDArray[Any] | np.float32 | list[int]) -> str:
        """Add a constant: integers as int64, anything else as float32."""
        array = np.asarray(values)
        name = f"{self.variant}/constant_{len(self.constants)}"
        kind = np.int64 if array.dtype.kind == "i" else np.float32
        self.constants.append(numpy_helper.from_array(array.astype(kind), name))
        return name

    def node(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node of one output, and give the output's name."""
        name = output or f"{self.variant}/{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def scalar(self, value: float) -> str:
        """Add a float32 constant without dimensions."""
        return self.constant(np.array(value))

    def split(self, table: str, parts: Sequence[str], width: int) -> None:
        """Add a node that cuts a table into parts of that many columns each."""
        sizes = self.constant([width] * len(parts))
        self.nodes.append(helper.make_node("Split", [table, sizes], list(parts), name=f"{self.variant}/Split", axis=1))

    def columns(self, first: int, past_last: int) -> str:
        """The input's columns from ``first`` to before ``past_last``, as a table."""
        bounds = (self.constant([first]), self.constant([past_last]), self.constant([1]))
        return self.node("Slice", INPUT_NAME, *bounds)


def to_onnx(models: Mapping[Variant, Model]) -> bytes:
    """The ONNX file. The same models give the same bytes: nothing in it tells when or where it was made."""
    table = helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, [None, len(FEATURES)])
    switches = [helper.make_tensor_value_info(switch(name), TensorProto.BOOL, []) for name in models]
    graph = helper.make_graph(
        [_switched(model) for model in models.values()],
        "stellar",
        [table, *switches],
        [info for name in models for info in _outputs(name, novelty_output(name))],
        [numpy_helper.from_array(np.array(True), switch(name)) for name in models],
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _ML_OPSET)]
    model: ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _outputs(probabilities: str, novelty: str) -> list[Any]:
    return [
        helper.make_tensor_value_info(probabilities, TensorProto.FLOAT, [None, len(CLASSES)]),
        helper.make_tensor_value_info(novelty, TensorProto.FLOAT, [None, 1]),
    ]


def _switched(model: Model) -> Any:
    """A variant behind its switch."""
    variant = model.members.variant
    results = (f"{variant}/probabilities", f"{variant}/novelty")
    nothing = (f"{variant}/no_probabilities", f"{variant}/no_novelty")
    branch = _branch(model, *results)
    skipped = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.empty((0, width), dtype=np.float32)))
        for name, width in zip(nothing, (len(CLASSES), 1), strict=True)
    ]
    return helper.make_node(
        "If",
        [switch(variant)],
        [variant, novelty_output(variant)],
        name=variant,
        then_branch=helper.make_graph(branch.nodes, f"{variant}/run", [], _outputs(*results), branch.constants),
        else_branch=helper.make_graph(skipped, f"{variant}/skip", [], _outputs(*nothing)),
    )


def _branch(model: Model, probabilities: str, novelty: str) -> _Branch:
    branch = _Branch(model.members.variant)
    for_trees, for_nets = _inputs(branch)
    trees = branch.node("TreeEnsembleRegressor", for_trees, domain="ai.onnx.ml", **_trees(model.members.trees))
    both = branch.node("Concat", trees, _nets(branch, for_nets, model.members.nets), axis=1)
    unit, weights = np.eye(len(CLASSES)), model.calibration
    blend = branch.constant(np.vstack([weights.trees * unit, weights.nets * unit]))
    scores = branch.node("Gemm", both, blend, branch.constant(np.array(weights.bias)))
    branch.node("Softmax", scores, output=probabilities, axis=1)
    _novelty(branch, for_nets, len(model.members.nets.squeeze.centre), model.density, novelty)
    return branch


def _inputs(branch: _Branch) -> tuple[str, str]:
    """What the trees and what the networks look at: ``features.for_trees`` and ``features.for_nets``."""
    if branch.variant == "photometric":
        photometry = branch.columns(0, _REDSHIFT)
        return photometry, photometry
    redshift, r = branch.columns(_REDSHIFT, _REDSHIFT + 1), branch.columns(2, 3)
    distance = branch.node("Log", branch.node("Max", redshift, branch.constant(NEAREST_REDSHIFT)))
    luminosity = branch.node("Sub", r, branch.node("Mul", branch.constant(DEX), distance))
    stellar = branch.node("Asinh", branch.node("Mul", redshift, branch.constant(STELLAR_REDSHIFT)))
    for_trees = branch.node("Concat", INPUT_NAME, luminosity, branch.node("Sign", redshift), axis=1)
    return for_trees, branch.node("Concat", for_trees, stellar, axis=1)


def _trees(model: HistGradientBoostingClassifier) -> dict[str, Any]:
    """Attributes of the node that computes ``decision_function``: scikit-learn's trees, in the order of its rounds.

    They are read from private attributes, as there are no public ones; ``artefact.package`` compares the results.
    scikit-learn compares float64 thresholds with ``<=``. For a float32 value that is the same as comparing with the
    next float32 at or below the threshold.
    """
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            *("nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_values", "nodes_modes"),
            *("nodes_truenodeids", "nodes_falsenodeids"),
            *("target_treeids", "target_nodeids", "target_ids", "target_weights"),
        )
    }
    trees = [(target, predictor) for round_ in model._predictors for target, predictor in enumerate(round_)]
    for tree, (target, predictor) in enumerate(trees):
        for place, node in enumerate(predictor.nodes):
            leaf = bool(node["is_leaf"])
            columns["nodes_treeids"].append(tree)
            columns["nodes_nodeids"].append(place)
            columns["nodes_featureids"].append(0 if leaf else int(node["feature_idx"]))
            columns["nodes_values"].append(0.0 if leaf else _at_or_below(float(node["num_threshold"])))
            columns["nodes_modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            columns["nodes_truenodeids"].append(0 if leaf else int(node["left"]))
            columns["nodes_falsenodeids"].append(0 if leaf else int(node["right"]))
            if leaf:
                columns["target_treeids"].append(tree)
                columns["target_nodeids"].append(place)
                columns["target_ids"].append(target)
                columns["target_weights"].append(float(node["value"]))
    baseline = [float(value) for value in model._baseline_prediction.ravel()]
    return {"n_targets": len(CLASSES), "base_values": baseline, **columns}


def _at_or_below(threshold: float) -> float:
    """The largest float32 that is not above a float64."""
    rounded = np.float32(threshold)
    above = float(rounded) > threshold  # NumPy would compare a float32 with a Python float in float32
    return float(np.nextafter(rounded, np.float32(-np.inf)) if above else rounded)


def _nets(branch: _Branch, columns: str, nets: Networks) -> str:
    """The mean of the networks' logits. Their first layers are one matrix, and their last ones another."""
    squeeze = nets.squeeze
    centred = branch.node("Sub", columns, branch.constant(squeeze.centre))
    squeezed = branch.node("Asinh", branch.node("Div", centred, branch.constant(squeeze.scale)))
    # (x − mean) / deviation · W + b, with the mean and the deviation folded into W and b.
    first = np.hstack(list(nets.weights[0].astype(np.float64))) / squeeze.deviation[:, None]
    shift = nets.biases[0].ravel() - squeeze.mean @ first
    hidden = branch.node("Relu", branch.node("Gemm", squeezed, branch.constant(first), branch.constant(shift)))
    count, _, width = nets.weights[0].shape
    parts = [f"{branch.variant}/net_{place}" for place in range(count)]
    branch.split(hidden, parts, width)
    layers = [
        branch.node("Relu", branch.node("Gemm", part, branch.constant(weights), branch.constant(bias.ravel())))
        for part, weights, bias in zip(parts, nets.weights[1], nets.biases[1], strict=True)
    ]
    last = branch.constant(np.vstack(list(nets.weights[2])) / count)
    bias = branch.constant(nets.biases[2].mean(axis=0).ravel())
    return branch.node("Gemm", branch.node("Concat", *layers, axis=1), last, bias)


def _novelty(branch: _Branch, columns: str, among: int, density: Density, output: str) -> None:
    """``Density.novelty``, from the columns of the networks, ``among`` which those of the density are.

    The curve is a sum of ramps, one from each knot on, whose slopes are the changes of the curve's slope.
    """
    components, _, width = density.whitening.shape
    whitening = np.zeros((among, components * width))
    whitening[DENSITY_PLACES[branch.variant]] = np.hstack(list(density.whitening))
    white = branch.node("Gemm", columns, branch.constant(whitening), branch.constant(-density.centres.ravel()))
    ones = -0.5 * np.repeat(np.eye(components), width, axis=0)
    squares = branch.node("Mul", white, white)
    each = branch.node("Gemm", squares, branch.constant(ones), branch.constant(density.constants))
    best = branch.node("ReduceMax", each, axes=[1], keepdims=1)
    low, high = density.knots[0], density.knots[-1]
    bounded = branch.node("Clip", best, branch.scalar(-high), branch.scalar(-low))
    ramps = branch.node(
        "Relu",
        branch.node(
            "Gemm", bounded, branch.constant(-np.ones((1, len(density.slopes)))), branch.constant(-density.knots[:-1])
        ),
    )
    changes = np.diff(density.slopes, prepend=0.0)
    curve = branch.node("MatMul", ramps, branch.constant(changes[:, None]))
    branch.node("Clip", curve, branch.scalar(0.0), branch.scalar(1.0), output=output)
