"""The model card."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from stellar.artefact import Artefact
from stellar.manifest import Manifest
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_pipeline.cli.model import model
from stellar_pipeline.reports.model_card import card, weak_spots
from support import artefact

CARD = Path(__file__).parents[4] / "docs/model-card.md"


def test_the_card_in_the_documentation_is_that_of_the_model_that_ships() -> None:
    made = CliRunner().invoke(model, ["card"])
    assert made.exit_code == 0
    assert CARD.read_text() == made.output, "`make schema` writes it anew"


def test_weak_spots_are_named_the_worst_first() -> None:
    breakdown = Artefact.read(DEFAULT_MODEL_DIR).manifest.metrics["photometric"].breakdown
    assert breakdown is not None
    spots = weak_spots(breakdown)
    assert spots
    shares = [float(spot.split(": ")[1].split()[0]) for spot in spots]
    assert shares == sorted(shares)
    assert all(f"- {spot}" in CARD.read_text() for spot in spots)


def test_a_manifest_from_before_there_was_more_to_tell_has_a_card_too() -> None:
    text = card(Manifest.model_validate(artefact.manifest(b"model")))
    assert "| spectroscopic | 0.900 | 0.900 | 0.300 | 0.010 |" in text
    assert "This model does not tell them." in text
