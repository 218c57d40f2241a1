"""Small model artefacts, sound and broken, made on the spot: the class follows from the redshift, or from u - g."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from stellar.manifest import FEATURES, INPUT_NAME, MANIFEST_FILE, MODEL_FILE, novelty_output, sha256
from stellar.schema import CLASSES

VARIANTS = ("spectroscopic", "photometric")


def model_bytes(
    *, outputs: tuple[str, ...] = VARIANTS, width: int = len(FEATURES), scale: float = 1.0, novelty: bool = False
) -> bytes:
    """An ONNX file with one softmax regression an output. ``scale=nan`` makes a model that gives no probabilities.

    ``novelty`` adds outputs for it: a tenth of u - g, between 0 and 1.
    """
    nodes, initializers, infos = [], [], []
    for place, output in enumerate(outputs):
        weights = np.zeros((width, len(CLASSES)), dtype=np.float32)
        weights[9 if place == 0 else 5] = np.array([1.0, 2.0, -3.0], dtype=np.float32)[:, None].T * scale
        initializers.append(numpy_helper.from_array(weights, f"w_{output}"))
        nodes.append(helper.make_node("MatMul", [INPUT_NAME, f"w_{output}"], [f"z_{output}"]))
        nodes.append(helper.make_node("Softmax", [f"z_{output}"], [output], axis=1))
        infos.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, len(CLASSES)]))
        if novelty:
            tenth = np.zeros((width, 1), dtype=np.float32)
            tenth[5] = 0.1
            bounds = {f"low_{output}": np.float32(0), f"high_{output}": np.float32(1), f"v_{output}": tenth}
            initializers += [numpy_helper.from_array(np.asarray(value), name) for name, value in bounds.items()]
            nodes.append(helper.make_node("MatMul", [INPUT_NAME, f"v_{output}"], [f"n_{output}"]))
            limits = [f"low_{output}", f"high_{output}"]
            nodes.append(helper.make_node("Clip", [f"n_{output}", *limits], [novelty_output(output)]))
            infos.append(helper.make_tensor_value_info(novelty_output(output), TensorProto.FLOAT, [None, 1]))
    table = helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, [None, width])
    graph = helper.make_graph(nodes, "stand-in", [table], infos, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return model.SerializeToString()


def manifest(model: bytes, version: str = "test-1", **changes: Any) -> dict[str, Any]:
    """A manifest that fits the model, with ``changes`` to its top level."""
    metrics = {
        "macro_f1": 0.9,
        "accuracy": 0.9,
        "log_loss": 0.3,
        "calibration_error": 0.01,
        "per_class": {name: {"precision": 0.9, "recall": 0.9, "f1": 0.9, "support": 1} for name in CLASSES},
        "confusion_matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    }
    content: dict[str, Any] = {
        "schema_version": 1,
        "version": version,
        "created": "2026-01-01T00:00:00Z",
        "files": {MODEL_FILE: {"sha256": sha256(model), "bytes": len(model)}},
        "classes": CLASSES,
        "features": FEATURES,
        "variants": {name: {"output": name, "features": FEATURES} for name in VARIANTS},
        "metrics": dict.fromkeys(VARIANTS, metrics),
        "data": {"fingerprint": "0" * 64, "rows": 3, "class_counts": dict.fromkeys(CLASSES, 1), "source": "made up"},
        "scaler": {"means": {}, "deviations": {}},
        "libraries": {},
        "training": {"algorithm": "none", "parameters": {}, "seed": 0},
    }
    return content | changes


def knows_novelty(limit: float = 0.995) -> dict[str, Any]:
    """Arguments for ``write`` that make an artefact with novelty."""
    variants = {
        name: {"output": name, "features": FEATURES, "novelty": novelty_output(name), "novelty_limit": limit}
        for name in VARIANTS
    }
    typical = {"u_g": (-2.0, 6.0), "g_r": (-1.0, 4.0)}
    return {"model": model_bytes(novelty=True), "variants": variants, "typical": typical}


def write(folder: Path, version: str = "test-1", *, model: bytes | None = None, **changes: Any) -> Path:
    """An artefact in a new folder; ``changes`` go to its manifest."""
    content = model or model_bytes()
    folder.mkdir(parents=True)
    (folder / MODEL_FILE).write_bytes(content)
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest(content, version, **changes)))
    return folder


def pointer(folder: Path) -> Mapping[str, str]:
    """What ``champion.json`` must say of the artefact in a folder."""
    content = (folder / MANIFEST_FILE).read_bytes()
    return {"version": json.loads(content)["version"], "manifest_sha256": sha256(content)}
