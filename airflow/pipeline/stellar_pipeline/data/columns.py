"""The 18 columns of a catalogue file, in the order in which the Stellar Classification Dataset SDSS17 has them."""

from __future__ import annotations

COLUMNS = (
    "obj_ID",
    "alpha",
    "delta",
    "u",
    "g",
    "r",
    "i",
    "z",
    "run_ID",
    "rerun_ID",
    "cam_col",
    "field_ID",
    "spec_obj_ID",
    "class",
    "redshift",
    "plate",
    "MJD",
    "fiber_ID",
)

RERUN = 301
"""The only value of ``rerun_ID`` in Data Release 17: the column tells nothing apart."""
