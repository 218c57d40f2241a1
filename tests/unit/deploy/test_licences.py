"""The licences of a release's parts, from installed packages and from documents that have them."""

from __future__ import annotations

import csv
import json
from importlib import metadata
from pathlib import Path

import pytest

from stellar_deploy.licences import licence_of, main


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("License-Expression: MIT", "MIT"),
        ("License: text\nClassifier: License :: OSI Approved :: BSD License", "BSD License"),
        ("License: Apache 2", "Apache 2"),
        ("Classifier: License :: OSI Approved", "not told"),
    ],
)
def test_licence_is_what_the_package_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, expected: str
) -> None:
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: thing\nVersion: 1.0\n{head}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert licence_of("thing", "1.0") == expected
    assert licence_of("thing", "2.0") is None


def test_documents_are_completed_and_everything_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    python, page = tmp_path / "python.json", tmp_path / "page.json"
    version = metadata.version("click")
    python.write_text(
        json.dumps({"components": [{"name": "click", "version": version}, {"name": "windows-only", "version": "1"}]})
    )
    page.write_text(
        json.dumps({"components": [{"name": "react", "version": "19", "licenses": [{"license": {"id": "MIT"}}]}]})
    )
    main([str(python), str(page)])
    assert list(csv.reader(capsys.readouterr().out.splitlines())) == [
        ["name", "version", "licence"],
        ["click", version, "BSD-3-Clause"],
        ["react", "19", "MIT"],
        ["windows-only", "1", "not installed here"],
    ]
    assert json.loads(python.read_text())["components"][0]["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
