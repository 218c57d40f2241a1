"""One loaded model: columns of objects in, predictions out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from stellar.artefact import Artefact, IncompatibleModelError
from stellar.manifest import FEATURES, INPUT_NAME, Manifest, switch
from stellar.oddities import oddities
from stellar.onnx_runtime import ort
from stellar.schema import CLASSES, OUTPUT_NAMES, Prediction, Variant
from stellar.validation import Batch, ValidObject

_CHUNK = 2048
"""Rows a call: keeps the arrays of a large batch in the processor's cache."""

_DECIMALS = 4
"""Of novelty, as it is told: beyond that it says nothing, and depends on how many rows were asked for at once."""

# A faint galaxy, a quasar and a star with a negative redshift: a model must give them finite probabilities.
_SMOKE_ROWS = Batch(
    np.arange(3),
    np.array([[23.88, 22.28, 20.39, 19.17, 18.79], [20.0, 19.7, 19.5, 19.2, 19.1], [18.2, 16.9, 16.4, 16.2, 16.1]]),
    np.array([0.644, 1.63, -0.0003]),
    {},
)


def features(batch: Batch) -> NDArray[np.float32]:
    """The model's input of shape (n, 10); the redshift of an object that has none is 0 there, and is not looked at."""
    table = np.empty((len(batch), len(FEATURES)), dtype=np.float32)
    table[:, :5] = batch.magnitudes
    table[:, 5:9] = batch.magnitudes[:, :-1] - batch.magnitudes[:, 1:]
    table[:, 9] = np.where(np.isnan(batch.redshift), 0.0, batch.redshift)
    return table


Answers = tuple[NDArray[np.float32], NDArray[np.float32] | None]
"""Probabilities and, of a model that gives it, novelty."""


class Classifier:
    """A verified artefact in an ONNX Runtime session. Immutable, and safe to share between threads."""

    def __init__(self, artefact: Artefact) -> None:
        """Load the model. Raises IncompatibleModelError if it is not one that can be served."""
        self.artefact = artefact
        self.manifest: Manifest = artefact.manifest
        self._session = _session(artefact)
        self._off = self._switches()
        self._outputs = {
            variant: [entry.output, entry.novelty] if entry.novelty else [entry.output]
            for variant, entry in self.manifest.variants.items()
        }
        self._limits = {variant: entry.novelty_limit for variant, entry in self.manifest.variants.items()}
        self._check()

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The classifier of an artefact's folder. Raises OSError, ArtefactError."""
        return cls(Artefact.read(folder))

    @property
    def version(self) -> str:
        return self.manifest.version

    def probabilities(self, table: NDArray[np.float32], variant: Variant) -> NDArray[np.float32]:
        """Class probabilities of shape (n, 3) for model input of shape (n, 10)."""
        return self.answers(table, variant)[0]

    def answers(self, table: NDArray[np.float32], variant: Variant) -> Answers:
        """Class probabilities of shape (n, 3), and novelty of shape (n,), for model input of shape (n, 10)."""
        parts = [self._run(table[start : start + _CHUNK], variant) for start in range(0, len(table), _CHUNK)]
        probabilities, *novelty = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        return probabilities, novelty[0][:, 0] if novelty else None

    def _run(self, table: NDArray[np.float32], variant: Variant) -> list[Any]:
        """What the graph gives for rows: probabilities and, of a model that has it, novelty of shape (n, 1)."""
        found: list[Any] = self._session.run(self._outputs[variant], {INPUT_NAME: table, **self._off[variant]})
        return found

    def classify(self, batch: Batch) -> list[Prediction]:
        """One prediction for each valid object of the batch, in its order.

        Objects with a redshift go to the spectroscopic model, the others to the photometric one.
        """
        if not len(batch):
            return []
        table = features(batch)
        photometric = np.isnan(batch.redshift)
        if not photometric.any():
            return self._predictions(self.answers(table, "spectroscopic"), photometric, batch)
        if photometric.all():
            return self._predictions(self.answers(table, "photometric"), photometric, batch)
        mixed = np.empty((len(batch), len(CLASSES)), dtype=np.float32)
        mixed_novelty = np.empty(len(batch), dtype=np.float32)
        parts: tuple[tuple[Variant, NDArray[np.bool_]], ...] = (
            ("spectroscopic", ~photometric),
            ("photometric", photometric),
        )
        for variant, rows in parts:
            mixed[rows], novelty = self.answers(table[rows], variant)
            mixed_novelty[rows] = np.nan if novelty is None else novelty
        return self._predictions((mixed, mixed_novelty), photometric, batch)

    def classify_one(self, valid: ValidObject) -> Prediction:
        """The prediction for one object, as ``classify`` gives it, at a fraction of the time of a batch of one."""
        u, g, r, i, z = valid.magnitudes
        variant: Variant = "photometric" if math.isnan(valid.redshift) else "spectroscopic"
        redshift = 0.0 if variant == "photometric" else valid.redshift
        table = np.array([(u, g, r, i, z, u - g, g - r, r - i, i - z, redshift)], dtype=np.float32)
        probabilities, *rest = self._run(table, variant)
        (values,) = probabilities.tolist()
        total = sum(values)
        galaxy, qso, star = exact = [value / total for value in values]
        best = exact.index(max(exact))
        novelty = round(rest[0].item(), _DECIMALS) if rest else None
        reliable = None if novelty is None else novelty <= self._limits[variant]
        return Prediction(
            best,
            OUTPUT_NAMES[best],
            CLASSES[best],
            {"GALAXY": galaxy, "QSO": qso, "STAR": star},
            self.version,
            variant,
            [*valid.warnings, *self.oddities(table[0])] if reliable is False else valid.warnings,
            novelty,
            reliable,
            *valid.identifiers,
        )

    def reliability(
        self, novelty: NDArray[np.float32], photometric: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Novelty as it is told, and whether to rely on the answer, by row. NaN, which is not known, is relied on."""
        rounded = np.asarray(np.round(novelty.astype(np.float64), _DECIMALS), dtype=np.float64)
        limits = np.where(photometric, self._limits["photometric"], self._limits["spectroscopic"])
        return rounded, ~(rounded > limits)

    def oddities(self, row: NDArray[np.float32]) -> list[str]:
        """What is odd about a row of model input whose answer is not to be relied on."""
        return oddities(row, self.manifest.typical)

    def _predictions(self, answers: Answers, photometric: NDArray[np.bool_], batch: Batch) -> list[Prediction]:
        exact = answers[0].astype(np.float64)
        exact /= exact.sum(axis=1, keepdims=True)  # float32 sums miss 1 by some 1e-7
        version = self.version
        variants: tuple[Variant, Variant] = ("spectroscopic", "photometric")
        novelty, reliable, warnings = self._novelty(answers[1], photometric, batch)
        identifiers = batch.identifiers or [(None, None)] * len(batch)
        return [
            Prediction(
                best,
                OUTPUT_NAMES[best],
                CLASSES[best],
                {"GALAXY": galaxy, "QSO": qso, "STAR": star},
                version,
                variants[without_redshift],
                warnings.get(index, []),
                unlike,
                relied_on,
                *ids,
            )
            for index, (best, (galaxy, qso, star), without_redshift, unlike, relied_on, ids) in enumerate(
                zip(
                    exact.argmax(axis=1).tolist(),
                    exact.tolist(),
                    photometric.tolist(),
                    novelty,
                    reliable,
                    identifiers,
                    strict=True,
                )
            )
        ]

    def _novelty(
        self, novelty: NDArray[np.float32] | None, photometric: NDArray[np.bool_], batch: Batch
    ) -> tuple[list[float | None], list[bool | None], Mapping[int, list[str]]]:
        """Novelty and whether to rely on the answer, by row, and the batch's warnings with what is odd about some."""
        if novelty is None or np.isnan(novelty).any():
            return [None] * len(batch), [None] * len(batch), batch.warnings
        rounded, reliable = self.reliability(novelty, photometric)
        warnings = dict(batch.warnings)
        odd = np.flatnonzero(~reliable)
        for index, row in zip(odd.tolist(), features(batch)[odd], strict=True):
            warnings[index] = [*warnings.get(index, ()), *self.oddities(row)]
        return rounded.tolist(), reliable.tolist(), warnings

    def _switches(self) -> dict[Variant, dict[str, NDArray[np.bool_]]]:
        """What to feed so that a variant's call does not compute the other, where the model has switches for that.

        Fetching one output is not enough: ONNX Runtime runs every node all the same.
        """
        optional = {tensor.name for tensor in self._session.get_overridable_initializers()}
        outputs = {variant: entry.output for variant, entry in self.manifest.variants.items()}
        return {
            variant: {
                switch(name): np.array(False) for name in outputs.values() if name != own and switch(name) in optional
            }
            for variant, own in outputs.items()
        }

    def _check(self) -> None:
        """Refuse a model whose graph has another shape, or that gives no probabilities for plain objects."""
        inputs = self._session.get_inputs()
        if [(i.name, i.type, i.shape[1:]) for i in inputs] != [(INPUT_NAME, "tensor(float)", [len(FEATURES)])]:
            raise IncompatibleModelError(f"the input is not `{INPUT_NAME}`, float32 of shape (n, {len(FEATURES)})")
        outputs = {output.name for output in self._session.get_outputs()}
        table = features(_SMOKE_ROWS)
        for variant in ("spectroscopic", "photometric"):
            entry = self.manifest.variants.get(variant)
            if entry is None or entry.output not in outputs:
                raise IncompatibleModelError(f"the model has no {variant} output")
            if entry.novelty is not None and entry.novelty not in outputs:
                raise IncompatibleModelError(f"the model has no output {entry.novelty}, which its manifest names")
            found, novelty = self.answers(table, variant)
            if novelty is not None and not ((novelty >= 0) & (novelty <= 1)).all():
                raise IncompatibleModelError(f"the {variant} model's novelty is not within 0 … 1 for plain objects")
            if found.shape != (len(table), len(CLASSES)):
                raise IncompatibleModelError(f"the {variant} output has shape {found.shape}")
            if not (np.isfinite(found).all() and (found >= 0).all() and np.allclose(found.sum(axis=1), 1, atol=1e-3)):
                raise IncompatibleModelError(f"the {variant} model gives no probabilities for plain objects")


def _session(artefact: Artefact) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(artefact.model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions have no common base of their own
        raise IncompatibleModelError(f"ONNX Runtime cannot load the model: {str(error).splitlines()[0]}") from None
