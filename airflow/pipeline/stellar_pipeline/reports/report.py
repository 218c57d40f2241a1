"""What a training run prints: what became of the rows, and how good the model is."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from stellar.manifest import Manifest
from stellar.schema import CLASSES
from stellar_pipeline.data.catalogue import Cleaned


def print_cleaning(console: Console, cleaned: Cleaned) -> None:
    """How many rows were read, why some were left out, and the classes of the others."""
    counts = ", ".join(f"{count:,} {name}" for name, count in cleaned.class_counts.items())
    console.print(
        f"{cleaned.read:,} rows read; left out: {cleaned.sentinel:,} with a sentinel magnitude, "
        f"{cleaned.out_of_limits:,} beyond limits, {cleaned.duplicates:,} duplicates. Kept: {counts}."
    )


def print_metrics(console: Console, manifest: Manifest) -> None:
    """Figures of plate-grouped cross-validation, then class by class.

    "Calibration" is the expected calibration error.
    """
    overall = _table("variant", "measured by", "macro-F1", "accuracy", "log-loss", "calibration")
    classes = _table("variant", "class", "precision", "recall", "F1", *(f"as {name}" for name in CLASSES))
    for variant, metrics in manifest.metrics.items():
        grouped = metrics.grouped_cv
        overall.add_row(
            variant,
            f"{grouped['folds']:.0f} plate folds",
            f"{grouped['macro_f1']:.4f}±{grouped['macro_f1_deviation']:.4f}",
            *_figures(metrics.accuracy, metrics.log_loss, metrics.calibration_error),
        )
        for (name, each), answers in zip(metrics.per_class.items(), metrics.confusion_matrix, strict=True):
            counts = (f"{count:,}" for count in answers)
            classes.add_row(variant, name, *_figures(each.precision, each.recall, each.f1), *counts)
    console.print(overall, classes)


def _table(*columns: str) -> Table:
    return Table(*columns, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def _figures(*values: float) -> list[str]:
    return [f"{value:.4f}" for value in values]
