"""Translations are remembered, and never wrongly."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lambda_emulator.template.sam.cache import cached
from support.templates import SAM, write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "lambda-local" / "translations"


class Translator:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, template: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        return {"made": template["from"]}


def test_the_same_template_is_translated_once(folder: Path) -> None:
    translate = Translator()
    assert cached({"from": 1}, translate) == cached({"from": 1}, translate) == {"made": 1}
    assert cached({"from": 2}, translate) == {"made": 2}
    assert translate.calls == 2


def test_a_damaged_file_is_made_anew(folder: Path) -> None:
    cached({"from": 1}, Translator())
    (file,) = folder.iterdir()
    file.write_text("{")
    assert cached({"from": 1}, Translator()) == {"made": 1}
    assert json.loads(file.read_text()) == {"made": 1}


def test_old_files_go(folder: Path) -> None:
    cached({"from": 1}, Translator())
    (file,) = folder.iterdir()
    long_ago = time.time() - 60 * 24 * 3600
    os.utime(file, (long_ago, long_ago))
    cached({"from": 2}, Translator())
    assert file not in folder.iterdir()


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cached({"from": 1}, Translator()) == {"made": 1}


def test_a_remembered_translation_needs_no_translator(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        SAM + "Resources: {F: {Type: AWS::Serverless::Function, "
        "Properties: {CodeUri: src, Handler: app.lambda_handler, Runtime: python3.11}}}",
    )
    program = (
        "import sys; from pathlib import Path; from lambda_emulator.template import load_stack; "
        f"load_stack(Path({str(path)!r})); print(sorted({{'boto3', 'samtranslator'}} & sys.modules.keys()))"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    runs = [
        subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [run.stdout.strip() for run in runs] == ["['boto3', 'samtranslator']", "[]"]
    assert [run.stderr for run in runs] == ["", ""]
