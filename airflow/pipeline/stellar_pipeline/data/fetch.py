"""Real rows: from SDSS SkyServer (Data Release 17) by astroquery, or from catalogues that one has.

SkyServer is asked window by window of plates, for an even share of their fibres, so that any number of rows spans all
of SDSS. What has come is kept beside the target and the next run goes on from there.
Mirrors the SkyServer "SpecObj" and "PhotoObj" schema pages.
"""

from __future__ import annotations

import csv
import json
import os
import time
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from stellar_pipeline.data.columns import COLUMNS

if TYPE_CHECKING:
    from astropy.table import Table

SERVER = "https://skyserver.sdss.org"
RELEASE = 17

USEFUL_SPECTRA = 4_846_156
"""Spectra behind the view ``SpecObj`` in Data Release 17 (SDSS, "Scope of Data Release 17")."""

LAST_PLATE = 12_547
PLATES_A_WINDOW = 250

_HEADER = ",".join(COLUMNS) + "\n"

_ATTEMPTS = 3
_PAUSES = (1.0, 4.0)
"""Seconds before the second and the third attempt."""

# The identifiers keep SkyServer's names, by which astroquery knows that they are unsigned 64-bit integers.
_QUERY = """
SELECT p.objID, p.ra AS alpha, p.dec AS delta, p.u, p.g, p.r, p.i, p.z,
       p.run AS run_ID, p.rerun AS rerun_ID, p.camcol AS cam_col, p.field AS field_ID,
       s.specObjID, s.class, s.z AS redshift, s.plate, s.mjd AS MJD, s.fiberID AS fiber_ID
FROM SpecObj AS s JOIN PhotoObj AS p ON p.objID = s.bestObjID
WHERE s.specObjID >= {first} AND s.specObjID < {past_last} AND (s.plate * 1009 + s.fiberID) % {stride} = 0
"""
_RENAMED = {"objID": "obj_ID", "specObjID": "spec_obj_ID"}


class FetchError(RuntimeError):
    """Rows could not be had; what had come before is kept."""


class ServerUnreachableError(FetchError):
    """SkyServer does not answer."""


class ServerAnswerError(FetchError):
    """SkyServer answered, but not with rows."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far fetching has come: windows of plates done, out of all, and rows so far."""

    windows_done: int
    windows: int
    rows: int


@dataclass(frozen=True, slots=True)
class _State:
    """What a later run must know to go on: the request it was, and how much of the part file holds."""

    stride: int
    windows_done: int
    rows: int
    bytes: int


def windows() -> int:
    """How many queries span all plates."""
    return LAST_PLATE // PLATES_A_WINDOW + 1


def query(window: int, stride: int) -> str:
    """SQL for a window's plates: one in ``stride`` of all fibres. The plate is the high bits of ``specObjID``.

    1009 is a prime above the fibres of a plate, so that each fibre has a number of its own to divide.
    """
    first, past_last = window * PLATES_A_WINDOW << 50, (window + 1) * PLATES_A_WINDOW << 50
    return _QUERY.format(first=first, past_last=past_last, stride=stride)


def fetch(
    out: Path, rows: int, *, server: str = SERVER, sleep: Callable[[float], None] = time.sleep
) -> Generator[Step]:
    """Fetch about ``rows`` rows into a CSV file, window by window; yields after each, and first where it goes on.

    Called again for as many rows, it goes on with what it has; for another number it begins anew.
    Raises ServerUnreachableError, ServerAnswerError; OSError.
    """
    stride = max(1, USEFUL_SPECTRA // rows)
    part, journal = out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.part.json")
    state = _resume(part, journal, stride)
    yield Step(state.windows_done, windows(), state.rows)
    for window in range(state.windows_done, windows()):
        lines, count = _rows(_ask(query(window, stride), server, sleep))
        with part.open("a" if window else "w", newline="", encoding="utf-8") as file:
            file.write(lines if window else _HEADER + lines)
            size = file.tell()
        state = _State(stride, window + 1, state.rows + count, size)
        journal.write_text(json.dumps(asdict(state)))
        yield Step(state.windows_done, windows(), state.rows)
    part.replace(out)
    journal.unlink()


def copy(inputs: Sequence[str], out: Path, rows: int | None = None, mapping: Mapping[str, str] | None = None) -> int:
    """Write catalogues, checked, to one CSV file: all of their rows, or a random ``rows``. Returns their number.

    Cells are copied as they are written, so that identifiers keep all their digits.
    Raises stellar_pipeline.reading.errors.CatalogueError, StorageError, OSError.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    from stellar_pipeline.reading.training import read_cells

    table = pa.concat_tables(map(pa.table, read_cells(inputs, mapping)), promote_options="permissive")
    table = table.select([name for name in COLUMNS if name in table.column_names])
    if rows is not None and rows < len(table):
        table = table.take(np.sort(np.random.default_rng(0).permutation(len(table))[:rows]))
    pyarrow.csv.write_csv(table, out, pyarrow.csv.WriteOptions(quoting_style="needed"))
    return len(table)


def _resume(part: Path, journal: Path, stride: int) -> _State:
    """Where an earlier run for the same share of fibres left off, if there was one."""
    try:
        state = _State(**json.loads(journal.read_text()))
        if state.stride == stride and part.stat().st_size >= state.bytes:
            os.truncate(part, state.bytes)  # what was written after the last complete window
            return state
    except (OSError, ValueError, TypeError):
        pass
    return _State(stride, 0, 0, 0)


def _ask(sql: str, server: str, sleep: Callable[[float], None]) -> Table | None:
    """The answer to a query, asked up to three times; None if no row fits."""
    from astropy.io.ascii import InconsistentTableError
    from astropy.utils.exceptions import AstropyWarning
    from astroquery.exceptions import RemoteServiceError
    from astroquery.exceptions import TimeoutError as QueryTimeoutError
    from astroquery.sdss import SDSS, conf
    from requests import RequestException

    for attempt in range(_ATTEMPTS):
        try:
            with conf.set_temp("skyserver_baseurl", server.rstrip("/")), warnings.catch_warnings():
                # Astropy reads identifiers beyond 63 bits as text and says so; astroquery makes numbers of them.
                warnings.simplefilter("ignore", AstropyWarning)
                return SDSS.query_sql(sql, data_release=RELEASE, cache=False)
        except (RequestException, QueryTimeoutError) as error:
            failure: FetchError = ServerUnreachableError(f"{server} cannot be reached ({type(error).__name__})")
        except RemoteServiceError as error:
            failure = ServerAnswerError(f"{server} answers with an error: {' '.join(str(error).split())[:200]}")
        except (InconsistentTableError, OSError, ValueError):  # OSError: one line is taken for the name of a file
            failure = ServerAnswerError(f"{server} answers with something that is no table: is it a SkyServer?")
        if attempt < len(_PAUSES):
            sleep(_PAUSES[attempt])
    raise failure


def _rows(table: Table | None) -> tuple[str, int]:
    """An answer as lines of CSV in the order of ``COLUMNS``, and how many."""
    if table is None:
        return "", 0
    for name, ours in _RENAMED.items():
        if name in table.colnames:
            table.rename_column(name, ours)
    missing = [name for name in COLUMNS if name not in table.colnames]
    if missing:
        raise ServerAnswerError(f"SkyServer's answer lacks the columns {', '.join(missing)}")
    lines = StringIO()
    csv.writer(lines, lineterminator="\n").writerows(zip(*(table[name].tolist() for name in COLUMNS), strict=True))
    return lines.getvalue(), len(table)
