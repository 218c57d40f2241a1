"""A model's card in Markdown, made from its manifest: what it is for, how good it is, and where it is not.

The sections follow Mitchell et al. 2019, "Model Cards for Model Reporting".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stellar.manifest import BinMetrics, Breakdown, Manifest, Metrics
from stellar.schema import CLASSES, MAGNITUDE_SYSTEM

WEAK_RECALL = 0.6
"""Below which a class in a bin is named as a weak spot."""

WEAK_ROWS = 20
"""Objects that a class must have in a bin for its recall to mean anything."""

_COMMAND = "stellar model card"

_USE = """\
Star, galaxy or quasar for objects of the SDSS photometric catalogue, one by one or by the million, and for objects
whose magnitudes were measured as SDSS measures them. It is not for other filters, nor for a decision about a single
object without a look at its probabilities, warnings and `reliable`."""

_OTHER_DATA = """\
The training objects are those that SDSS took spectra of. Targets were chosen by magnitude and colour, so classes have
other shares here than on the sky, and the faint end is what was worth a fibre. Position, identifiers, plate, date and
fibre are no inputs."""


def card(manifest: Manifest) -> str:
    """The card of a model. It has no section for what its manifest does not tell."""
    sections = [_head(manifest), _data(manifest), _overall(manifest)]
    for variant, metrics in manifest.metrics.items():
        sections.append(f"## The {variant} variant")
        sections.append(_classes(metrics))
        if metrics.breakdown:
            sections += _details(metrics.breakdown)
    sections.append(_novelty(manifest))
    return "\n\n".join(sections) + "\n"


def weak_spots(found: Breakdown) -> list[str]:
    """Classes that are mostly missed in some bin, the worst first, in words."""
    weak = [
        (recall, f"{name} at {_range(each, quantity)}: {recall:.2f} are found (of {each.support[name]:,})")
        for quantity, bins in (("r", found.by_magnitude), ("redshift", found.by_redshift))
        for each in bins
        for name, recall in each.recall.items()
        if recall is not None and recall < WEAK_RECALL and each.support[name] >= WEAK_ROWS
    ]
    return [text for _, text in sorted(weak)]


def _head(manifest: Manifest) -> str:
    return (
        f"# Model card: {manifest.version}\n\n"
        f"Made by `{_COMMAND}` from the model's manifest; do not edit.\n\n"
        f"## What it is, and what it is for\n\n{_USE}\n\n"
        f"Method: {manifest.training.algorithm}. {MAGNITUDE_SYSTEM}"
    )


def _data(manifest: Manifest) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in manifest.data.class_counts.items())
    return (
        f"## Training data\n\n{manifest.data.source}: {manifest.data.rows:,} objects ({counts}), "
        f"{manifest.data.provenance}, SHA-256 of the rows "
        f"`{manifest.data.fingerprint}`.\n\n{_OTHER_DATA}"
    )


def _overall(manifest: Manifest) -> str:
    rows = [
        (variant, *_figures((each.macro_f1, each.accuracy, each.log_loss, each.calibration_error)))
        for variant, each in manifest.metrics.items()
    ]
    table = _table(("variant", "macro-F1", "accuracy", "log-loss", "expected calibration error"), rows)
    return f"## How good it is\n\nOn objects that a model of the same making was not trained on:\n\n{table}"


def _classes(metrics: Metrics) -> str:
    rows = [
        (name, *_figures((each.precision, each.recall, each.f1)), f"{each.support:,}")
        for name, each in metrics.per_class.items()
    ]
    return _table(("class", "precision", "recall", "F1", "objects"), rows)


def _details(found: Breakdown) -> Iterable[str]:
    spots = weak_spots(found)
    if spots:
        yield "Weak spots:\n\n" + "\n".join(f"- {spot}" for spot in spots)
    for quantity, bins in (("r", found.by_magnitude), ("redshift", found.by_redshift)):
        yield _bins(quantity, bins)
    yield "Quasars chosen by their probability:\n\n" + _table(
        ("probability at least", "purity", "completeness"),
        [(f"{each.threshold:g}", _figure(each.purity), _figure(each.completeness)) for each in found.quasars],
    )
    yield "How often a class is the true one that is given a probability:\n\n" + _table(
        ("mean probability", "share that is so", "answers"),
        [(*_figures((each.probability, each.frequency)), f"{each.count:,}") for each in found.reliability],
    )
    yield "How many are right of the surest:\n\n" + _table(
        ("share of objects", "right", "least probability among them"),
        [(f"{each.coverage:.0%}", *_figures((each.accuracy, each.threshold))) for each in found.risk_coverage],
    )


def _bins(quantity: str, bins: Sequence[BinMetrics]) -> str:
    heads = (quantity, "objects", "right", "mean probability", *(f"recall {name}" for name in CLASSES))
    heads += tuple(f"precision {name}" for name in CLASSES)
    rows = [
        (
            _range(each, quantity),
            f"{each.rows:,}",
            *_figures((each.accuracy, each.confidence)),
            *(_figure(each.recall[name]) for name in CLASSES),
            *(_figure(each.precision[name]) for name in CLASSES),
        )
        for each in bins
    ]
    return _table(heads, rows)


def _novelty(manifest: Manifest) -> str:
    limits = {entry.novelty_limit for entry in manifest.variants.values() if entry.novelty}
    if not limits:
        return "## Objects unlike the training objects\n\nThis model does not tell them."
    (limit,) = limits
    ranges = [(name, f"{low:.2f} … {high:.2f}") for name, (low, high) in manifest.typical.items() if "_" in name]
    return (
        "## Objects unlike the training objects\n\n"
        "`novelty` is the share of objects like the training objects that are more ordinary than this one; beyond "
        f"{limit:g}, which {1 - limit:.1%} of them are, `reliable` is false. Blue objects whose bands are mixed up can "
        "pass: reversed, a quasar looks like another.\n\nColours of all but one training object in 500:\n\n"
        + _table(("colour", "range [mag]"), [(name.replace("_", " - "), text) for name, text in ranges])
    )


def _range(each: BinMetrics, quantity: str) -> str:
    if each.low is None:
        return f"{quantity} < {each.high:g}"
    return f"{quantity} ≥ {each.low:g}" if each.high is None else f"{quantity} {each.low:g} … {each.high:g}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _figures(values: Iterable[float]) -> list[str]:
    return [_figure(value) for value in values]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
