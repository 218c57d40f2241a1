"""A model in MLflow's two flavours: ONNX, which is what serving runs, and scikit-learn, which is what was trained."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pandas as pd
from numpy.typing import NDArray

from stellar.artefact import Artefact
from stellar.classifier import Classifier
from stellar.manifest import FEATURES, INPUT_NAME
from stellar.onnx_runtime import ort
from stellar_pipeline.model.estimator import StarClassifier

REQUIREMENTS = {"onnx": ["onnxruntime", "numpy"], "sklearn": ["scikit-learn", "numpy", "pandas", "cloudpickle"]}

_ORT_ERRORS = 3


@dataclass(frozen=True, slots=True)
class Logged:
    """Where the two models are."""

    onnx_uri: str
    onnx_id: str
    sklearn_uri: str


def log_flavours(artefact: Artefact, estimator: StarClassifier, example: NDArray[np.float32]) -> Logged:
    """Log both flavours to the active run, with signature and input example (model input of shape (n, 10)).

    The ONNX one takes the tensor ``features`` and gives both variants' probabilities; the scikit-learn one takes a
    table of named columns and gives class names.
    """
    # MLflow's advice on environments is meant for those who deploy with it.
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    ort.set_default_logger_severity(_ORT_ERRORS)  # it would tell of the switches, which are inputs on purpose
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.onnx
        import mlflow.sklearn
        from mlflow.models import infer_signature

        classifier = Classifier(artefact)
        answers: dict[str, Any] = {
            variant: classifier.probabilities(example, variant) for variant in artefact.manifest.variants
        }
        inputs = {INPUT_NAME: example}
        as_onnx = mlflow.onnx.log_model(
            onnx.load_from_string(artefact.model),
            name="onnx",
            signature=infer_signature(inputs, answers),
            input_example=inputs,
            save_as_external_data=False,
            pip_requirements=REQUIREMENTS["onnx"],
        )
        table = pd.DataFrame(example, columns=list(FEATURES))
        as_sklearn = mlflow.sklearn.log_model(
            estimator,
            name="sklearn",
            signature=infer_signature(table, estimator.predict(table)),
            input_example=table,
            serialization_format="cloudpickle",
            pip_requirements=REQUIREMENTS["sklearn"],
        )
    return Logged(str(as_onnx.model_uri), str(as_onnx.model_id), str(as_sklearn.model_uri))
