"""Champion and challenger on the same test rows, and whether the challenger shall take over.

It shall if the macro-F1 of the spectroscopic variant is better by a margin, and no class of either variant loses more
than a stated amount of its F1. The service's own code answers for both, so what is compared is what would be served.
"""

from __future__ import annotations

from typing import Any

from stellar.artefact import Artefact
from stellar.classifier import Classifier
from stellar.manifest import Metrics
from stellar.schema import CLASSES, Variant
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_pipeline.data.catalogue import Cleaned
from stellar_pipeline.etl.prepared import load_test, load_train
from stellar_pipeline.model.evaluate import evaluate
from stellar_pipeline.model.features import VARIANTS, model_input
from stellar_pipeline.release.champions import Champions, NoChampionError
from stellar_pipeline.release.promotion import find_artefact
from stellar_pipeline.tracking.registry import VersionNotRegisteredError, find
from stellar_pipeline.tracking.server import TrackingUnavailableError, connect

DEFAULT_MARGIN = 0.002
DEFAULT_CLASS_LOSS = 0.01

Figures = dict[Variant, Metrics]


def compare(
    root: str,
    version: str,
    *,
    margin: float = DEFAULT_MARGIN,
    class_loss: float = DEFAULT_CLASS_LOSS,
    demonstration: bool = False,
) -> dict[str, Any]:
    """Evaluate ``version`` and the champion on the test part under ``root``, and say who shall answer, and why.

    A model of synthetic rows never takes the place of one of real rows, unless it is for a ``demonstration``; where
    there is no champion, it is the shipped model that would lose its place. One that was rolled back is not promoted.

    Gives ``champion`` (None if there is none) and ``challenger`` (version, macro_f1, metrics of both variants),
    ``promote``, ``reasons``, and ``notes`` on what makes the comparison less than fair.
    Raises UnknownVersionError, ArtefactError, StorageError.
    """
    champions = Champions.from_environment()
    test = load_test(root)
    made = find_artefact(version, champions)
    challenger = measure(made, test)
    _record(version, challenger)
    found: dict[str, Any] = {"challenger": _told(version, challenger), "rows": len(test.rows)}
    try:
        current = find_artefact(champions.record().version, champions)
    except NoChampionError:
        shipped = Artefact.read(DEFAULT_MODEL_DIR)
        against = [] if demonstration else displaced(shipped, made)
        reasons = against or ["there is no champion yet"]
        return found | {"champion": None, "promote": not against, "reasons": reasons, "notes": []}
    champion = measure(current, test)
    promote, reasons = decide(champion, challenger, margin=margin, class_loss=class_loss)
    against = [] if demonstration else displaced(current, made)
    if bar := champions.bar(made):
        against.append(f"{bar.version} was rolled back; `stellar model promote {version}` lifts the bar")
    if against:
        promote, reasons = False, against
    if current.version == version:
        promote, reasons = False, ["it is the champion already"]
    notes = _notes(current, load_train(root))
    told = _told(current.version, champion)
    return found | {"champion": told, "promote": promote, "reasons": reasons, "notes": notes}


def measure(artefact: Artefact, rows: Cleaned) -> Figures:
    """Figures of both variants on rows, all of them answered by each."""
    classifier, table = Classifier(artefact), model_input(rows.rows)
    return {variant: evaluate(rows.labels, classifier.probabilities(table, variant)) for variant in VARIANTS}


def decide(champion: Figures, challenger: Figures, *, margin: float, class_loss: float) -> tuple[bool, list[str]]:
    """Whether the challenger shall take over, and the reasons for or against."""
    before, after = champion["spectroscopic"].macro_f1, challenger["spectroscopic"].macro_f1
    gain = f"macro-F1 {after:.4f} against {before:.4f} ({after - before:+.4f}), {margin:+.4f} is asked for"
    against = [] if after - before >= margin else [gain]
    for variant in VARIANTS:
        for name in CLASSES:
            old, new = champion[variant].per_class[name].f1, challenger[variant].per_class[name].f1
            if old - new > class_loss:
                lost = f"F1 of {name} falls from {old:.4f} to {new:.4f}, at most {class_loss:.4f} may be lost"
                against.append(f"{variant}: {lost}")
    return (False, against) if against else (True, [gain, f"no class loses more than {class_loss:.4f}"])


def displaced(incumbent: Artefact, challenger: Artefact) -> list[str]:
    """The reason against, if a model of real rows would have to make way for one of synthetic rows."""
    if incumbent.manifest.data.provenance != "real" or challenger.manifest.data.provenance != "synthetic":
        return []
    return [
        f"it was trained on synthetic rows, and {incumbent.version}, which answers, on real ones: "
        "on the real sky it would be worse, whatever it scores on synthetic rows"
    ]


def _told(version: str, figures: Figures) -> dict[str, Any]:
    metrics = {
        variant: each.model_dump(mode="json", exclude={"grouped_cv", "breakdown"}) for variant, each in figures.items()
    }
    return {"version": version, "macro_f1": figures["spectroscopic"].macro_f1, "metrics": metrics}


def _notes(champion: Artefact, train: Cleaned) -> list[str]:
    """A champion that was trained on other rows may have seen some of the test rows."""
    if champion.manifest.data.fingerprint == train.fingerprint:
        return []
    return [
        f"the champion was trained on other rows ({champion.manifest.data.source}); if test rows are among them, "
        "it looks better here than it is"
    ]


def _record(version: str, figures: Figures) -> None:
    """The challenger's figures on the test rows go to its run in MLflow, if there is one."""
    try:
        client = connect()
        run_id = find(client, version).run_id
    except (TrackingUnavailableError, VersionNotRegisteredError):
        return
    for variant, each in figures.items():
        for name in ("macro_f1", "accuracy", "log_loss", "calibration_error"):
            client.log_metric(run_id, f"test.{variant}.{name}", getattr(each, name))
