"""Licences of what a release is made of: into its CycloneDX documents, and as one list.

``python -m stellar_deploy.licences SBOM...`` adds the licences of the Python packages, which the lock file does not
know, from what is installed here, and prints every component of all documents as CSV. npm's documents have them.
Mirrors CycloneDX 1.5, ``component.licenses``, and "Core metadata specifications" of Python packages.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

UNKNOWN = "not told"


def licence_of(package: str, version: str) -> str | None:
    """What the installed package says of its licence; None where it, or this version of it, is not installed."""
    try:
        found = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return None
    if found.version != version:
        return None
    told: dict[str, str] = {
        name: found.metadata[name] for name in ("License-Expression", "License") if name in found.metadata
    }
    if expression := told.get("License-Expression"):
        return expression
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in found.metadata.get_all("Classifier") or []
        if each.startswith("License ::") and each != "License :: OSI Approved"
    ]
    text = told.get("License", "").strip()
    return " AND ".join(classifiers) or (text.splitlines()[0] if text else UNKNOWN)


def add_licences(document: dict[str, Any]) -> None:
    """Complete the document's Python components."""
    for component in document["components"]:
        if component.get("licenses"):
            continue
        if licence := licence_of(component["name"], component["version"]):
            component["licenses"] = [{"license": {"name": licence}}]


def rows(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, version and licence of each component."""
    for component in document["components"]:
        texts = [
            each.get("expression") or each["license"].get("id") or each["license"]["name"]
            for each in component.get("licenses") or ()
        ]
        yield component["name"], component["version"], " AND ".join(texts) or "not installed here"


def main(paths: list[str]) -> None:
    """Complete the documents in their places, and print the list."""
    table: set[tuple[str, str, str]] = set()
    for path in map(Path, paths):
        document = json.loads(path.read_text())
        add_licences(document)
        path.write_text(json.dumps(document, indent=1))
        table.update(rows(document))
    writer = csv.writer(sys.stdout)
    writer.writerow(("name", "version", "licence"))
    writer.writerows(sorted(table))


if __name__ == "__main__":
    main(sys.argv[1:])
