"""What ``stellar model`` prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from stellar.manifest import Manifest
from stellar.schema import Variant
from stellar_pipeline.release.serving_version import ServingVersion
from stellar_pipeline.tracking.versions import Overview, Version

FIGURES = ("macro_f1", "accuracy", "log_loss", "calibration_error")
_LESS_IS_BETTER = frozenset({"log_loss", "calibration_error"})
_HEADS = {"macro_f1": "macro-F1", "accuracy": "accuracy", "log_loss": "log-loss", "calibration_error": "calibration"}
_VARIANTS: tuple[Variant, ...] = ("spectroscopic", "photometric")


def print_overview(console: Console, found: Overview, answering: Sequence[ServingVersion]) -> None:
    """All versions with their figures, then who answers now."""
    table = _table("version", "is", "F1 spec.", "F1 phot.", "calib.", "rows", "answers on")
    table.columns[0].no_wrap = True
    for each in found.versions:
        content = each.manifest
        protocols = [one.protocol for one in answering if one.version == content.version]
        spectroscopic = content.metrics["spectroscopic"]
        table.add_row(
            content.version,
            ", ".join(each.aliases) or ("exported" if each.exported else "registered"),
            f"{spectroscopic.macro_f1:.4f}",
            f"{content.metrics['photometric'].macro_f1:.4f}",
            f"{spectroscopic.calibration_error:.4f}",
            f"{content.data.rows:,}",
            "all" if protocols and len(protocols) == len(answering) else ", ".join(protocols),
            style="bold" if "champion" in each.aliases else "",
        )
    console.print(table)
    console.print("Macro-F1 and calibration error on rows that a model was not trained on. Who answers now:")
    print_serving_versions(console, answering)
    for problem in found.problems:
        console.print(f"Note: {problem}", style="yellow", markup=False)


def print_serving_versions(console: Console, answering: Iterable[ServingVersion]) -> None:
    """One line for each protocol."""
    for each in answering:
        text = each.version or f"nobody: {each.problem}"
        console.print(f"  {each.protocol:<8} {each.address:<32} {text}", markup=False, highlight=False, soft_wrap=True)


def print_version(console: Console, version: Version) -> None:
    """All that is known of one version."""
    content = version.manifest
    told = {
        "version": content.version,
        "is": ", ".join(version.aliases) or "nothing in particular",
        "trained": f"{content.created:%Y-%m-%d %H:%M} UTC, seed {content.training.seed}",
        "data": f"{content.data.source} ({content.data.rows:,} rows, {content.data.fingerprint[:16]}…)",
        "size": f"{content.files['model.onnx'].bytes / 1024:,.0f} KiB, sha256 {content.files['model.onnx'].sha256}",
        "exported": "yes" if version.exported else "no: `stellar model promote` does it",
        "MLflow": f"number {version.registered.number}, run {version.registered.run_id}" if version.registered else "–",
        "parameters": ", ".join(f"{name}={value}" for name, value in parameters(content).items()),
    }
    for name, text in told.items():
        console.print(f"{name:<11} {text}", markup=False, highlight=False, soft_wrap=True)
    overall = _table("variant", *(_HEADS[name] for name in FIGURES), "macro-F1 by plate")
    classes = _table("variant", "class", "precision", "recall", "F1")
    for variant in _VARIANTS:
        metrics = content.metrics[variant]
        plates = metrics.grouped_cv.get("macro_f1")
        figures = (f"{getattr(metrics, name):.4f}" for name in FIGURES)
        overall.add_row(variant, *figures, "–" if plates is None else f"{plates:.4f}")
        for name, each in metrics.per_class.items():
            classes.add_row(variant, name, *(f"{value:.4f}" for value in (each.precision, each.recall, each.f1)))
    console.print(overall, classes)


def print_diff(console: Console, first: Manifest, second: Manifest) -> None:
    """Figures side by side, and what was done otherwise."""
    table = _table("variant", "figure", first.version, second.version, "difference")
    for variant in _VARIANTS:
        for name, before, after in figures_of(first, second, variant):
            better = after < before if name in _LESS_IS_BETTER else after > before
            colour = "" if round(after - before, 4) == 0 else "green" if better else "red"
            text = f"[{colour}]{after - before:+.4f}[/]" if colour else "="
            table.add_row(variant, _HEADS.get(name, name), f"{before:.4f}", f"{after:.4f}", text)
    console.print(table)
    changes = changed(first, second)
    for name, (old, new) in changes.items():
        console.print(f"{name}: {old} → {new}", markup=False, highlight=False, soft_wrap=True)
    if not changes:
        console.print("Same data, parameters and seed.")


def figures_of(first: Manifest, second: Manifest, variant: Variant) -> list[tuple[str, float, float]]:
    """Each figure's name and its value in both, then F1 class by class."""
    one, other = first.metrics[variant], second.metrics[variant]
    overall = [(name, getattr(one, name), getattr(other, name)) for name in FIGURES]
    return overall + [(f"F1 {name}", each.f1, other.per_class[name].f1) for name, each in one.per_class.items()]


def parameters(content: Manifest) -> dict[str, object]:
    """What was set for the training; the calibration is fitted, not set."""
    return {name: value for name, value in content.training.parameters.items() if name != "calibration"}


def changed(first: Manifest, second: Manifest) -> dict[str, tuple[object, object]]:
    """What was set, or what it was trained on, where the two differ."""
    every = []
    for content in (first, second):
        about = {"data": content.data.fingerprint, "rows": content.data.rows, "seed": content.training.seed}
        every.append(parameters(content) | about)
    one, other = every
    names = list(dict.fromkeys([*one, *other]))
    return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}


def _table(*columns: str) -> Table:
    return Table(*columns, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
