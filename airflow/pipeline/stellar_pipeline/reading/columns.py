"""Which column of a file is which field: by a table of names, and a question where names do not decide.

The names are those of SkyServer's PhotoObj and SpecObj, of the SDSS17 data set and of VizieR.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stellar.schema import FIELD_BY_NAME, MAGNITUDES
from stellar_pipeline.reading.errors import AmbiguousColumnError, CatalogueError, MissingColumnError

ALIASES: dict[str, tuple[str, ...]] = {
    "obj_ID": ("obj_id", "objid", "photoobjid", "bestobjid", "sdssobjid"),
    "alpha": ("alpha", "ra", "raj2000", "ra_icrs", "radeg"),
    "delta": ("delta", "dec", "dej2000", "decj2000", "de_icrs", "dedeg", "decl"),
    "run_ID": ("run_id", "run"),
    "rerun_ID": ("rerun_id", "rerun"),
    "cam_col": ("cam_col", "camcol"),
    "field_ID": ("field_id", "field"),
    "spec_obj_ID": ("spec_obj_id", "specobjid", "specid"),
    "class": ("class", "spectype", "spec_class", "label", "true_class"),
    "redshift": ("redshift", "zspec", "z_spec", "spec_z", "specz", "zsp", "redshift_spec"),
    "plate": ("plate", "plateid"),
    "MJD": ("mjd", "spec_mjd"),
    "fiber_ID": ("fiber_id", "fiberid", "fiber"),
}

FAMILIES: dict[str, tuple[str, ...]] = {
    "plain": ("{}",),
    "model": ("modelmag_{}", "modelmag{}", "{}_modelmag", "{}mag", "mag_{}", "{}_mag"),
    "cmodel": ("cmodelmag_{}", "cmodelmag{}"),
    "PSF": ("psfmag_{}", "psfmag{}", "psf_mag_{}", "{}_psf"),
    "Petrosian": ("petromag_{}", "petromag{}"),
    "dereddened": ("dered_{}", "dered{}", "{}_dered"),
}
"""Kinds of magnitudes in the order of preference: the model was trained on model magnitudes, not corrected."""

_BESIDE_REDSHIFT = ("zerr", "zwarning", "z_err", "zwarn")
"""They come with a spectrum's redshift, never with a magnitude."""


@dataclass(frozen=True, slots=True)
class Matching:
    """``columns`` says which column each field is. ``family`` is the kind of the magnitudes."""

    columns: Mapping[str, str]
    family: str

    @property
    def caution(self) -> str | None:
        """What to say of magnitudes by which the model was not trained."""
        if self.family in ("plain", "model"):
            return None
        return (
            f"the magnitudes are {self.family} magnitudes; the model was trained on model magnitudes that are not "
            "corrected for extinction, so take its probabilities with care"
        )


def match(
    name: str, columns: Sequence[str], given: Mapping[str, str], required: Sequence[str] = MAGNITUDES
) -> Matching:
    """Which of a file's columns is which field; ``given`` (field → column) comes before the table.

    Raises MissingColumnError, AmbiguousColumnError; CatalogueError where ``given`` names what is not there.
    """
    bare = [_bare(column) for column in columns]
    found = {field: column for field in given if (column := _column(name, columns, given[field]))}
    taken = set(found.values())

    def find(names: Sequence[str]) -> str | None:
        places = (bare.index(each) for each in names if each in bare)
        return next((columns[place] for place in places if columns[place] not in taken), None)

    for field, names in ALIASES.items():
        if field not in found and (known := find(names)) is not None:
            found[field] = known
    bands = [band for band in MAGNITUDES if band not in found]
    families = {
        kind: {band: find([n.format(band) for n in names]) for band in bands} for kind, names in FAMILIES.items()
    }
    family = max(families, key=lambda kind: sum(column is not None for column in families[kind].values()))
    found |= {band: known for band, known in families[family].items() if known is not None}
    z = find(["z"])
    if z is not None and "redshift" not in found:
        if "z" in found and found["z"] != z:
            found["redshift"] = z  # the bands have names of their own, so that this one is SpecObj's
        elif "z" not in given and (doubt := _doubt(bare, families, family)):
            raise AmbiguousColumnError(
                f"{name}: is the column {z} the z magnitude or the redshift? There is also {doubt}. "
                f"Say which: --map redshift={z},z=COLUMN, or --map z={z}"
            )
    missing = [field for field in required if field not in found]
    if missing:
        raise MissingColumnError(name, missing, columns)
    return Matching(found, family if bands else "model")


def parse_map(text: str) -> dict[str, str]:
    """``redshift=z,z=modelMag_z`` as field → column. Raises CatalogueError."""
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        field, equals, column = (each.strip() for each in part.partition("="))
        known = {each.lower(): each for each in (*FIELD_BY_NAME, "class", "rerun_ID")}
        if not equals or not column or field.lower() not in known:
            raise CatalogueError(
                f"--map takes FIELD=COLUMN,…, where FIELD is one of {', '.join(known.values())}; not {part!r}"
            )
        found[known[field.lower()]] = column
    return found


def _column(name: str, columns: Sequence[str], wanted: str) -> str:
    """The column that the user names: exactly, else in any case."""
    if wanted in columns:
        return wanted
    for column in columns:
        if _bare(column) == _bare(wanted):
            return column
    raise CatalogueError(f"{name} has no column {wanted}; it has {', '.join(columns)}")


def _doubt(bare: Sequence[str], families: Mapping[str, Mapping[str, str | None]], family: str) -> str | None:
    """What says that a plain z, beside plain u, g, r, i, comes from a spectrum after all."""
    beside = next((each for each in _BESIDE_REDSHIFT if each in bare), None)
    other = next((bands["z"] for kind, bands in families.items() if kind != family and bands.get("z")), None)
    return beside or other


def _bare(column: str) -> str:
    """A column's name without case, blanks, and a table's name before it."""
    return re.sub(r"[\s-]+", "_", re.sub(r"^.*[.:]", "", column.strip().lower()))
