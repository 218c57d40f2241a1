"""A synthetic catalogue of any size, drawn from distributions that were fitted to real rows (``synth_fit``).

A row's class is drawn first. Its brightness, colours and redshift then come from the class's Gaussian mixture, its
position from the class's share of the sky; the identifiers are built as SDSS builds them. Not modelled: what ties a
position to a plate or an imaging run. Needs numpy alone.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from stellar.schema import CLASSES, MAGNITUDES, SENTINEL
from stellar_pipeline.data.columns import COLUMNS, RERUN

PARAMETERS_FILE = Path(__file__).with_name("synth_parameters.json")

DIMENSIONS = ("r", "u_g", "g_r", "r_i", "i_z", "redshift")
"""What a mixture describes; the redshift as asinh(1000 · redshift), in which each of the classes is wide."""

REDSHIFT_SCALE = 1000.0
SKY_CELLS = (72, 36)
"""The sky in cells of equal area: 5° in right ascension, 1/18 in the sine of the declination."""

CHUNK = 10_000
"""Rows that are drawn together. Each chunk has a generator of its own, so a longer catalogue begins like a shorter."""

_LAST_PLATE_OF_640_FIBRES = 3509
"""Plates of the first SDSS spectrographs held 640 fibres, those of BOSS, which came next, hold 1,000."""

_IDENTIFIERS = ("obj_ID", "spec_obj_ID")
_DECIMALS = {"alpha": 9, "delta": 9, "redshift": 9} | dict.fromkeys(MAGNITUDES, 5)


@dataclass(frozen=True, slots=True)
class ClassParameters:
    """Distributions of one class. Arrays over mixture components have the leading axis; ``factors`` are Cholesky."""

    share: float
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    factors: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    cells: NDArray[np.intp]
    cell_shares: NDArray[np.float64]
    plates: NDArray[np.float64]

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Parameters of one class as ``synth_fit`` writes them."""
        triangles = np.array(content["triangles"])
        factors = np.zeros((len(triangles), len(DIMENSIONS), len(DIMENSIONS)))
        factors[:, *np.tril_indices(len(DIMENSIONS))] = triangles
        weights, counts = np.array(content["weights"]), np.array(content["cell_counts"], dtype=np.float64)
        return cls(
            share=content["share"],
            weights=weights / weights.sum(),
            means=np.array(content["means"]),
            factors=factors,
            lowest=np.array(content["lowest"]),
            highest=np.array(content["highest"]),
            cells=np.array(content["cells"], dtype=np.intp),
            cell_shares=counts / counts.sum(),
            plates=np.array(content["plates"]),
        )


@dataclass(frozen=True, slots=True)
class Parameters:
    """All that a catalogue is drawn from. ``plates``, ``runs`` and ``fields`` are quantiles, evenly spaced."""

    classes: tuple[ClassParameters, ...]
    plate_of_date: NDArray[np.float64]
    date_of_plate: NDArray[np.float64]
    date_deviation: float
    runs: NDArray[np.float64]
    fields: NDArray[np.float64]
    sentinel_share: float
    sentinel_bands: tuple[str, ...]

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Parameters as ``synth_fit`` writes them."""
        return cls(
            classes=tuple(ClassParameters.from_json(content["classes"][name]) for name in CLASSES),
            plate_of_date=np.array(content["plate_of_date"]),
            date_of_plate=np.array(content["date_of_plate"]),
            date_deviation=content["date_deviation"],
            runs=np.array(content["runs"]),
            fields=np.array(content["fields"]),
            sentinel_share=content["sentinel_share"],
            sentinel_bands=tuple(content["sentinel_bands"]),
        )


@cache
def shipped_parameters() -> Parameters:
    """The parameters that the package ships, fitted to rows of SDSS Data Release 17."""
    return Parameters.from_json(json.loads(PARAMETERS_FILE.read_bytes()))


def generate(rows: int, seed: int, parameters: Parameters | None = None) -> Iterator[dict[str, NDArray[Any]]]:
    """Chunks of a catalogue as columns under the names of ``COLUMNS``: the same for the same seed."""
    for number, start in enumerate(range(0, rows, CHUNK)):
        chunk = _chunk(np.random.default_rng([seed, number]), parameters or shipped_parameters())
        yield {name: chunk[name][: rows - start] for name in COLUMNS}


def write(path: Path, rows: int, seed: int, parameters: Parameters | None = None) -> Iterator[int]:
    """Write a catalogue as CSV; yields the rows of each chunk as it is written. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for chunk in generate(rows, seed, parameters):
            lines.writerows(zip(*(column.tolist() for column in chunk.values()), strict=True))
            yield len(chunk["class"])


def _chunk(rng: np.random.Generator, parameters: Parameters) -> dict[str, NDArray[Any]]:
    shares = np.array([each.share for each in parameters.classes])
    labels = rng.choice(len(CLASSES), CHUNK, p=shares / shares.sum())
    measured, sky, plates = np.empty((CHUNK, len(DIMENSIONS))), np.empty((CHUNK, 2)), np.empty(CHUNK)
    for label, each in enumerate(parameters.classes):
        rows = np.flatnonzero(labels == label)
        measured[rows] = _measurements(rng, each, len(rows))
        sky[rows] = _positions(rng, each, len(rows))
        plates[rows] = _quantiles(rng, each.plates, len(rows))
    columns: dict[str, NDArray[Any]] = {
        "alpha": sky[:, 0],
        "delta": sky[:, 1],
        "class": np.array(CLASSES)[labels],
        "redshift": np.sinh(measured[:, 5]) / REDSHIFT_SCALE,
        **_magnitudes(rng, measured, parameters),
        **_image(rng, parameters),
        **_spectrum(rng, plates.astype(np.int64), parameters),
    }
    return columns | {name: np.round(columns[name], decimals) for name, decimals in _DECIMALS.items()}


def _measurements(rng: np.random.Generator, each: ClassParameters, rows: int) -> NDArray[np.float64]:
    """Rows of ``DIMENSIONS``; the far tails of the mixture end where those of the real rows do."""
    components = rng.choice(len(each.weights), rows, p=each.weights)
    normal = rng.standard_normal((rows, len(DIMENSIONS)))
    # Summed by hand: a matrix product's last bits depend on the machine's library.
    spread = (each.factors[components] * normal[:, None, :]).sum(axis=2)
    return np.asarray(np.clip(each.means[components] + spread, each.lowest, each.highest))


def _positions(rng: np.random.Generator, each: ClassParameters, rows: int) -> NDArray[np.float64]:
    """Right ascension and declination [deg], even within a cell."""
    column, row = np.divmod(rng.choice(each.cells, rows, p=each.cell_shares), SKY_CELLS[1])
    alpha = (column + rng.random(rows)) * (360 / SKY_CELLS[0])
    sine = (row + rng.random(rows)) * (2 / SKY_CELLS[1]) - 1
    return np.column_stack([alpha, np.degrees(np.arcsin(sine))])


def _magnitudes(
    rng: np.random.Generator, measured: NDArray[np.float64], parameters: Parameters
) -> dict[str, NDArray[np.float64]]:
    """ugriz from r and the colours, and in the odd row the sentinel of a band that was not measured."""
    r, u_g, g_r, r_i, i_z = measured[:, :5].T
    bands = {"u": r + g_r + u_g, "g": r + g_r, "r": r, "i": r - r_i, "z": r - r_i - i_z}
    lost = rng.random(CHUNK) < parameters.sentinel_share
    return bands | {name: np.where(lost, SENTINEL, bands[name]) for name in parameters.sentinel_bands}


def _image(rng: np.random.Generator, parameters: Parameters) -> dict[str, NDArray[Any]]:
    """Where the imaging found the object: SDSS, "Understanding SDSS ImagingIDs" (sky version 2, first field flag 0)."""
    run = _quantiles(rng, parameters.runs, CHUNK).astype(np.int64)
    field = _quantiles(rng, parameters.fields, CHUNK).astype(np.int64)
    cam_col, number = rng.integers(1, 7, CHUNK), rng.integers(0, 1000, CHUNK)
    identifier = (2 << 59) | (RERUN << 48) | (run << 32) | (cam_col << 29) | (field << 16) | number
    return {
        "obj_ID": identifier.astype(np.float64),
        "run_ID": run,
        "rerun_ID": np.full(CHUNK, RERUN),
        "cam_col": cam_col,
        "field_ID": field,
    }


def _spectrum(rng: np.random.Generator, plate: NDArray[np.int64], parameters: Parameters) -> dict[str, NDArray[Any]]:
    """Plate, date and fibre: SDSS, "Understanding Spectroscopic IDs"."""
    scatter = parameters.date_deviation * rng.standard_normal(CHUNK)
    date = np.interp(plate, parameters.plate_of_date, parameters.date_of_plate) + scatter
    mjd = np.clip(date, parameters.date_of_plate[0], parameters.date_of_plate[-1]).astype(np.int64)
    fiber = rng.integers(1, np.where(plate > _LAST_PLATE_OF_640_FIBRES, 1000, 640), endpoint=True)
    # Unsigned: the highest plates reach into the 64th bit.
    parts = ((plate, 50), (fiber, 38), (mjd - 50_000, 24))
    identifier = sum(number.astype(np.uint64) << np.uint64(bits) for number, bits in parts)
    return {"spec_obj_ID": np.asarray(identifier, dtype=np.float64), "plate": plate, "MJD": mjd, "fiber_ID": fiber}


def _quantiles(rng: np.random.Generator, quantiles: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    return np.asarray(np.interp(rng.random(rows), np.linspace(0, 1, len(quantiles)), quantiles), dtype=np.float64)
