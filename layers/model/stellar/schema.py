"""The object and the answer, told once: every protocol's fields, limits, names and texts derive from here.

Sixteen catalogue columns describe one object of SDSS Data Release 17. Units and ranges are those of the SDSS
``PhotoObj`` and ``SpecObj`` tables; magnitudes are asinh magnitudes in the five SDSS bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

SENTINEL = -9999.0
"""What the catalogue writes for a magnitude that was not measured."""

CLASSES = ("GALAXY", "QSO", "STAR")
"""SDSS's own names, in the order of ``int_output``."""

OUTPUT_NAMES = ("Galaxy", "OSO", "Star")
"""``str_output`` in the same order. ``OSO`` is what existing clients compare against."""

Variant = Literal["spectroscopic", "photometric"]

MAGNITUDES = ("u", "g", "r", "i", "z")

MAGNITUDE_SYSTEM = """\
Magnitudes are SDSS *model* magnitudes (`modelMag_u` … `modelMag_z`): asinh magnitudes on the AB scale, not corrected
for Galactic extinction, as the training objects have them. PSF magnitudes are the same for point sources, but make
galaxies fainter by tenths of a magnitude and more; dereddened ones make every object brighter and bluer. Both are
answered, and the probabilities are then worth less."""
"""Which magnitudes the model takes, and what others do to its answers. SDSS, "Measures of Flux and Magnitude":
https://www.sdss4.org/dr17/algorithms/magnitudes/"""

DIGITS = "^[0-9]{1,20}$"
"""The text of a 64-bit identifier, for clients whose numbers have no 64 bits."""

Identifier = int | float | str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One column: its hard limits (a value outside is refused) and its typical range (outside is a warning).

    The typical range of what is measured is that of all but one in 500 training objects, the percentiles 0.1 and 99.9:
    the extremes of a catalogue are mostly its errors.
    """

    name: str
    graphql_name: str
    type: type[int] | type[float]
    description: str
    example: int | float
    unit: str = ""
    minimum: float = 0
    maximum: float | None = None
    typical: tuple[float, float] | None = None
    identifier: bool = False
    """A 64-bit identifier: an integer, or the text of its digits, stays exact; a float is taken too, as catalogues
    write it."""

    @property
    def is_magnitude(self) -> bool:
        return self.name in MAGNITUDES

    @property
    def required(self) -> bool:
        """Whether an object must have it. The magnitudes alone: all else decides the variant or tells objects apart."""
        return self.is_magnitude

    @property
    def is_measured(self) -> bool:
        """Whether the class depends on it: a value beyond its typical range is then worth a warning."""
        return self.is_magnitude or self.name == "redshift"

    @property
    def limit(self) -> str:
        """The hard limits in words, as error messages give them."""
        if self.maximum is None:
            return f"{self.name} ≥ {self.minimum:g}"
        return f"{self.minimum:g} ≤ {self.name} ≤ {self.maximum:g}"


def _magnitude(band: str, wavelength: str, example: float, low: float, high: float) -> FieldSpec:
    text = f"{wavelength} magnitude ({band} band): SDSS model magnitude, asinh, AB, not corrected for extinction"
    return FieldSpec(band, band, float, text, example, "mag", -5, 40, (low, high))


FIELDS = (
    FieldSpec(
        "obj_ID", "objID", float, "Object identifier in the image catalogue", 1237663784734294016.0, identifier=True
    ),
    FieldSpec("alpha", "alpha", float, "Right ascension, J2000", 135.689, "deg", 0, 360),
    FieldSpec("delta", "delta", float, "Declination, J2000", 32.494, "deg", -90, 90, (-20, 85)),
    _magnitude("u", "Ultraviolet", 23.87882, 15.7, 27.4),
    _magnitude("g", "Green", 22.27530, 14.4, 26.2),
    _magnitude("r", "Red", 20.39398, 13.6, 24.8),
    _magnitude("i", "Near-infrared", 19.16763, 13.1, 23.4),
    _magnitude("z", "Infrared", 18.79371, 12.8, 23.3),
    FieldSpec("run_ID", "runID", int, "Imaging run", 3606, typical=(94, 8162)),
    FieldSpec("cam_col", "camCol", int, "Camera column in the run", 4, minimum=1, maximum=6),
    FieldSpec("field_ID", "fieldID", int, "Field in the run", 587, typical=(11, 989)),
    FieldSpec("spec_obj_ID", "specObjID", float, "Identifier of the spectrum", 6.543777825301504e17, identifier=True),
    FieldSpec(
        "redshift",
        "redshift",
        float,
        "Redshift from the spectrum; negative for most stars, absent where there is no spectrum",
        0.644,
        minimum=-0.1,
        maximum=20,
        typical=(-0.0016, 6.49),
    ),
    FieldSpec("plate", "plate", int, "Spectroscopic plate", 5812, typical=(266, 12547)),
    FieldSpec("MJD", "MJD", int, "Modified Julian date of the spectrum", 56354, "days", typical=(51608, 58932)),
    FieldSpec("fiber_ID", "fiberID", int, "Fibre that took the spectrum", 171, typical=(1, 1000)),
)

FIELD_BY_NAME = {field.name: field for field in FIELDS}

EXAMPLE: dict[str, Any] = {field.name: field.example for field in FIELDS}
"""An object that a good model calls a galaxy."""


def _describe(field: FieldSpec) -> str:
    text = f"{field.description} [{field.unit}]" if field.unit else field.description
    if field.typical:
        text += f". Typically {field.typical[0]:g} … {field.typical[1]:g}"
        text += "; beyond that the answer carries a warning" if field.is_measured else ""
    return text


def _measured(value: object) -> object:
    if value == SENTINEL:
        raise PydanticCustomError("sentinel", "-9999 is the catalogue's mark for a magnitude that was not measured")
    return value


def _integral(value: object) -> object:
    """Catalogues are often written by tools that make every number a float: 3606.0 is the integer 3606."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _annotation(field: FieldSpec) -> Any:
    integer = Annotated[int, Field(ge=field.minimum, le=field.maximum)]
    number = Annotated[float, Field(ge=field.minimum, le=field.maximum, allow_inf_nan=False)]
    kind: Any = number
    if field.identifier:
        kind = integer | number | Annotated[str, Field(pattern=DIGITS)]
    elif field.type is int:
        kind = Annotated[integer, BeforeValidator(_integral)]
    elif field.is_magnitude:
        kind = Annotated[number, BeforeValidator(_measured)]
    return kind if field.required else kind | None


def _definition(field: FieldSpec) -> Any:
    default = ... if field.required else None
    # Programs read unit and typical range here; the description says them to people.
    extra: dict[str, Any] = {"x-unit": field.unit} if field.unit else {}
    if field.typical:
        extra["x-typical"] = list(field.typical)
    text = _describe(field)
    return (_annotation(field), Field(default, description=text, examples=[field.example], json_schema_extra=extra))


StarFeatures: type[BaseModel] = create_model(
    "StarFeatures",
    __config__=ConfigDict(strict=True, extra="ignore", frozen=True, json_schema_extra={"examples": [EXAMPLE]}),
    __doc__="One observed object. Only u, g, r, i and z are required: without `redshift` the photometric model "
    f"answers, and the other columns travel with the object.\n\n{MAGNITUDE_SYSTEM}",
    **{field.name: _definition(field) for field in FIELDS},
)
"""The object as a pydantic model, made from ``FIELDS``. Columns that it does not name are ignored."""


def digits(identifier: Identifier) -> str:
    """An identifier as text, for wires whose numbers have no 64 bits: a whole number in its digits, however it came."""
    whole = isinstance(identifier, float) and identifier.is_integer()
    return str(int(identifier) if whole else identifier)


class Probabilities(TypedDict):
    """Calibrated probabilities, which sum to 1."""

    GALAXY: float
    QSO: float
    STAR: float


@dataclass(slots=True)
class Prediction:
    """The answer, the same over every protocol. Not frozen, because ten thousand of them are made at a time."""

    int_output: int
    str_output: str
    label: str
    probabilities: Probabilities
    model_version: str
    model_variant: Variant
    warnings: list[str]
    novelty: float | None = None
    """How unlike the training objects it is, in [0, 1]: the share of ordinary objects that are less so. None where the
    model was made before it could tell."""
    reliable: bool | None = None
    """Whether it is like enough to them for the answer to be trusted; None where that is not known."""
    obj_ID: Identifier | None = None  # noqa: N815 - the catalogue's name
    """The object's identifiers, as they came."""
    spec_obj_ID: Identifier | None = None  # noqa: N815
