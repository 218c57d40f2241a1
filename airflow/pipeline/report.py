"""What a training run prints: what became of the rows, and how good the model is."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from pipeline.catalogue import Cleaned
from stellar.manifest import Manifest
from stellar.schema import CLASSES


def print_cleaning(console: Console, cleaned: Cleaned) -> None:
    """How many rows were read, why some were left out, and the classes of the others."""
    counts = ", ".join(f"{count:,} {name}" for name, count in cleaned.class_counts.items())
    console.print(
        f"{cleaned.read:,} rows read; left out: {cleaned.sentinel:,} with a sentinel magnitude, "
        f"{cleaned.out_of_limits:,} beyond limits, {cleaned.duplicates:,} duplicates. Kept: {counts}."
    )


def print_metrics(console: Console, manifest: Manifest) -> None:
    """Figures on the rows held back and in plate-grouped cross-validation, then class by class."""
    overall = Table("", "macro-F1", "accuracy", "log-loss", "calibration error")
    for variant, metrics in manifest.metrics.items():
        grouped = metrics.grouped_cv
        overall.add_row(
            f"{variant}, 30% held back",
            *_figures(metrics.macro_f1, metrics.accuracy, metrics.log_loss, metrics.calibration_error),
        )
        overall.add_row(
            f"{variant}, by plate, {grouped['folds']:.0f}-fold",
            f"{grouped['macro_f1']:.4f} ± {grouped['macro_f1_deviation']:.4f}",
            *_figures(grouped["accuracy"], grouped["log_loss"], grouped["calibration_error"]),
        )
    console.print(overall)
    classes = Table("30% held back", "class", "precision", "recall", "F1", *(f"as {name}" for name in CLASSES))
    for variant, metrics in manifest.metrics.items():
        for (name, each), answers in zip(metrics.per_class.items(), metrics.confusion_matrix, strict=True):
            counts = (f"{count:,}" for count in answers)
            classes.add_row(variant, name, *_figures(each.precision, each.recall, each.f1), *counts)
    console.print(classes)


def _figures(*values: float) -> list[str]:
    return [f"{value:.4f}" for value in values]
