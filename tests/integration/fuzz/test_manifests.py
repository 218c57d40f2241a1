"""The manifest reader on changed and made-up manifests: a model that is served, or an ArtefactError that says why."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stellar.artefact import Artefact, ArtefactError
from stellar.champion import ChampionRecord
from stellar.classifier import Classifier
from stellar.schema import EXAMPLE
from stellar.validation import validate
from support import artefact
from support.fuzz import anything, bounded

MODEL = artefact.model_bytes()
SOUND = json.loads(json.dumps(artefact.manifest(MODEL)))


def paths(content: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where everything is in the JSON."""
    inner = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [before, *(path for key, value in inner for path in paths(value, (*before, key)))]


words = st.sampled_from(["spectroscopic", "photometric", "features", "", "../x"])


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A sound manifest in which a few values are others, or missing."""
    content = copy.deepcopy(SOUND)
    for path in draw(st.lists(st.sampled_from(paths(SOUND)[1:]), min_size=1, max_size=3)):
        place = content
        try:
            for key in path[:-1]:
                place = place[key]
            if draw(st.booleans()):
                place[path[-1]] = draw(anything | words)
            else:
                del place[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    return json.dumps(content).encode()


odd = st.sampled_from(
    [b"", b"\xff", b"[" * 100_000, b'{"version":' * 50_000, b"9" * 100_000, b"NaN", b"\xef\xbb\xbf{}"]
)
made_up = anything.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60) | odd


@bounded
@given(content=changed() | made_up)
def test_manifest_is_served_or_refused_with_the_reason(content: bytes) -> None:
    try:
        classifier = Classifier(Artefact.verify(content, MODEL))
    except ArtefactError:
        return
    [prediction] = classifier.classify(validate([EXAMPLE]))
    assert prediction.label in ("GALAXY", "QSO", "STAR")


@bounded
@given(content=made_up)
def test_champion_record_is_read_or_refused(content: bytes) -> None:
    with suppress(ValidationError):
        ChampionRecord.model_validate_json(content)
