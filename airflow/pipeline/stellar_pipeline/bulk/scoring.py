"""Rows to answers: the columns that a classification adds to a catalogue.

The features and the limits are those of every protocol, so an object gets the same answer here as over REST.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stellar.classifier import Classifier, features
from stellar.schema import CLASSES, FIELD_BY_NAME, MAGNITUDES, Variant
from stellar.validation import ZERO_REDSHIFT, Batch
from stellar_pipeline.reading.values import numbers

ANSWER = pa.schema(
    [
        ("predicted_class", pa.string()),
        ("p_galaxy", pa.float32()),
        ("p_qso", pa.float32()),
        ("p_star", pa.float32()),
        ("model_variant", pa.string()),
        ("novelty", pa.float32()),
        ("reliable", pa.bool_()),
        ("flags", pa.string()),
    ]
)
"""``predicted_class`` is null where there is no answer, or none that is sure enough; ``flags`` says why."""

UNSURE = "unsure"
UNUSUAL = "is outside the typical range"

_MEASURED = [FIELD_BY_NAME[name] for name in (*MAGNITUDES, "redshift")]
_CLASS_NAMES = pa.array([*CLASSES])
_VARIANTS = pa.array(["spectroscopic", "photometric"])


@dataclass(frozen=True, slots=True)
class Scores:
    """Answers for a batch.

    ``places`` is the place of each row's class, -1 where there is none; ``refused`` says, by row, why it has no answer;
    ``unsure`` counts those below the threshold, ``unreliable`` those too unlike the training objects.
    """

    columns: pa.RecordBatch
    places: NDArray[np.int8]
    refused: dict[int, str]
    photometric: int
    unsure: int
    unreliable: int
    unusual: int


class Scorer:
    """Classifies batches by one model. ``abstain`` is the least probability of an answer that is given."""

    def __init__(self, classifier: Classifier, abstain: float = 0.0) -> None:
        self._classifier = classifier
        self._abstain = abstain

    def score(self, rows: pa.RecordBatch, columns: Mapping[str, str]) -> Scores:
        """The answers for rows whose fields are in those columns. Never raises for a row that is wrong."""
        count = rows.num_rows
        notes: dict[int, list[str]] = {}
        measured, good = self._measure(rows, columns, notes)
        refused = {row: "; ".join(texts) for row, texts in notes.items() if not good[row]}
        unusual = self._note_unusual(measured, good, notes)

        photometric = np.isnan(measured[:, -1])
        table = features(Batch(np.arange(count), measured[:, :-1], measured[:, -1], {}))
        probabilities, novelty = self._answers(table, good, photometric)
        told, reliable = self._classifier.reliability(novelty, photometric)
        for row in np.flatnonzero(~reliable).tolist():
            notes.setdefault(row, []).extend(self._classifier.oddities(table[row]))
        exact = probabilities.astype(np.float64)
        exact /= exact.sum(axis=1, keepdims=True)
        places = np.where(good, exact.argmax(axis=1), -1).astype(np.int8)
        unsure = 0
        if self._abstain:
            low = good & (exact.max(axis=1) < self._abstain)
            unsure = int(low.sum())
            places[low] = -1
            for row in np.flatnonzero(low).tolist():
                notes.setdefault(row, []).insert(0, UNSURE)
        return Scores(
            self._columns(exact, places, photometric, told, reliable, good, notes),
            places,
            refused,
            int((photometric & good).sum()),
            unsure,
            int((~reliable).sum()),
            unusual,
        )

    def _answers(
        self, table: NDArray[np.float32], good: NDArray[np.bool_], photometric: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Probabilities and novelty, NaN where there is none."""
        probabilities = np.full((len(table), len(CLASSES)), np.nan, dtype=np.float32)
        novelty = np.full(len(table), np.nan, dtype=np.float32)
        parts: tuple[tuple[Variant, NDArray[np.bool_]], ...] = (
            ("spectroscopic", good & ~photometric),
            ("photometric", good & photometric),
        )
        for variant, asked in parts:
            if asked.any():
                rows = table if asked.all() else table[asked]
                probabilities[asked], found = self._classifier.answers(rows, variant)
                novelty[asked] = np.nan if found is None else found
        return probabilities, novelty

    @staticmethod
    def _measure(
        rows: pa.RecordBatch, columns: Mapping[str, str], notes: dict[int, list[str]]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Magnitudes and redshift of shape (n, 6), NaN where missing, and which rows can be classified."""
        count = rows.num_rows
        measured = np.full((count, len(_MEASURED)), np.nan)
        good = np.ones(count, dtype=bool)
        for place, field in enumerate(_MEASURED):
            if (column := columns.get(field.name)) is None:
                continue
            found, wrong = numbers(rows.column(column))
            measured[:, place] = found
            for row, text in wrong.items():
                good[row] = False
                notes.setdefault(row, []).append(f"{field.name}: {text[:40]!r} is no number")
        for place, field in enumerate(_MEASURED):
            values = measured[:, place]
            maximum = field.maximum if field.maximum is not None else np.inf
            beyond = (values < field.minimum) | (values > maximum)
            if beyond.any():
                good &= ~beyond
                for row in np.flatnonzero(beyond).tolist():
                    notes.setdefault(row, []).append(f"{field.name} = {values[row]:.10g} is not within {field.limit}")
            if field.is_magnitude and (gone := np.isnan(values)).any():
                for row in np.flatnonzero(gone & good).tolist():
                    notes.setdefault(row, []).append(f"{field.name} was not measured")
        good &= ~np.isnan(measured[:, : len(MAGNITUDES)]).any(axis=1)
        return measured, good

    @staticmethod
    def _note_unusual(measured: NDArray[np.float64], good: NDArray[np.bool_], notes: dict[int, list[str]]) -> int:
        rows: set[int] = set()
        for place, field in enumerate(_MEASURED):
            low, high = field.typical or (-np.inf, np.inf)
            values = measured[:, place]
            for row in np.flatnonzero(good & ((values < low) | (values > high))).tolist():
                text = f"{field.name} = {values[row]:.10g} {UNUSUAL} {low:g} … {high:g}"
                notes.setdefault(row, []).append(text)
                rows.add(row)
        for row in np.flatnonzero(good & (measured[:, -1] == 0)).tolist():
            notes.setdefault(row, []).append(ZERO_REDSHIFT)
            rows.add(row)
        return len(rows)

    @staticmethod
    def _columns(
        exact: NDArray[np.float64],
        places: NDArray[np.int8],
        photometric: NDArray[np.bool_],
        novelty: NDArray[np.float64],
        reliable: NDArray[np.bool_],
        good: NDArray[np.bool_],
        notes: Mapping[int, list[str]],
    ) -> pa.RecordBatch:
        absent = ~good
        flags = np.full(len(good), "", dtype=object)
        for row, texts in notes.items():
            flags[row] = "; ".join(texts)
        names = pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), _CLASS_NAMES)
        variants = pa.DictionaryArray.from_arrays(pa.array(photometric.astype(np.int8), mask=absent), _VARIANTS)
        return pa.RecordBatch.from_arrays(
            [
                names.dictionary_decode(),
                *(pa.array(column, pa.float32(), mask=absent) for column in exact.astype(np.float32).T),
                variants.dictionary_decode(),
                pa.array(novelty, pa.float32(), mask=np.isnan(novelty)),
                pa.array(reliable, mask=np.isnan(novelty)),
                pa.array(flags, pa.string()) if notes else pa.repeat("", len(good)),
            ],
            schema=ANSWER,
        )


def joined(rows: pa.RecordBatch, answers: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with their answers behind; columns of those names, from an earlier run, are replaced."""
    kept = [name for name in rows.schema.names if name not in ANSWER.names]
    arrays = [*(rows.column(name) for name in kept), *answers.columns]
    return pa.RecordBatch.from_arrays(arrays, names=[*kept, *ANSWER.names])
