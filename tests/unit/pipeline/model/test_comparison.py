"""When a challenger takes over: better by the margin, and no class pays for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stellar.artefact import Artefact
from stellar.manifest import ClassMetrics, Metrics
from stellar.schema import CLASSES
from stellar_pipeline.release.comparison import Figures, decide, displaced
from support import artefact


def figures(spectroscopic: tuple[float, float, float], photometric: tuple[float, float, float]) -> Figures:
    """Figures of models with these F1 of galaxy, quasar and star."""
    return {"spectroscopic": _metrics(spectroscopic), "photometric": _metrics(photometric)}


def _metrics(each: tuple[float, float, float]) -> Metrics:
    per_class = {
        name: ClassMetrics(precision=f1, recall=f1, f1=f1, support=10) for name, f1 in zip(CLASSES, each, strict=True)
    }
    return Metrics(
        macro_f1=sum(each) / 3,
        accuracy=0.9,
        log_loss=0.1,
        calibration_error=0.01,
        per_class=per_class,
        confusion_matrix=((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    )


CHAMPION = figures((0.97, 0.95, 0.99), (0.90, 0.80, 0.80))


@pytest.mark.parametrize(
    ("challenger", "promoted", "said"),
    [
        (figures((0.98, 0.96, 0.995), (0.90, 0.80, 0.80)), True, "no class loses more than 0.0100"),
        (figures((0.97, 0.953, 0.99), (0.90, 0.80, 0.80)), False, "+0.0010), +0.0020 is asked for"),
        (figures((0.97, 0.95, 0.99), (0.95, 0.90, 0.90)), False, "macro-F1 0.9700 against 0.9700"),
        (figures((0.99, 0.99, 0.97), (0.90, 0.80, 0.80)), False, "spectroscopic: F1 of STAR falls from 0.9900 to 0.97"),
        (figures((0.98, 0.96, 0.995), (0.90, 0.78, 0.82)), False, "photometric: F1 of QSO falls from 0.8000 to 0.7800"),
        (figures((0.98, 0.96, 0.981), (0.90, 0.795, 0.80)), True, "macro-F1"),
    ],
    ids=["better", "not by the margin", "in photometry alone", "a class pays", "a photometric class pays", "a little"],
)
def test_verdict_and_reasons(challenger: Figures, promoted: bool, said: str) -> None:
    verdict, reasons = decide(CHAMPION, challenger, margin=0.002, class_loss=0.01)
    assert verdict is promoted
    assert any(said in reason for reason in reasons), reasons


def test_every_reason_against_is_told() -> None:
    _, reasons = decide(CHAMPION, figures((0.9, 0.9, 0.9), (0.7, 0.7, 0.7)), margin=0.002, class_loss=0.01)
    assert len(reasons) == 7


def _trained_on(provenance: str | None) -> Artefact:
    model = artefact.model_bytes()
    content: dict[str, Any] = artefact.manifest(model)
    if provenance:
        content["data"] |= {"provenance": provenance}
    return Artefact.verify(json.dumps(content).encode(), model)


@pytest.mark.parametrize("incumbent", ["real", "synthetic", "mixed", "unknown", None])
@pytest.mark.parametrize("challenger", ["real", "synthetic", "mixed", "unknown", None])
def test_synthetic_never_displaces_real(incumbent: str | None, challenger: str | None) -> None:
    reasons = displaced(_trained_on(incumbent), _trained_on(challenger))
    assert bool(reasons) == ((incumbent, challenger) == ("real", "synthetic"))
