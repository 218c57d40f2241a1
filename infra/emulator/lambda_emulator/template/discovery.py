"""Which template a command works on.

As in SAM, the output of ``sam build`` is used where it is there; unlike in SAM, only while it is newer than every
source that it was built from, so that an edit is never silently ignored, and only if its compiled modules are for a
Python that is on this machine.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from lambda_emulator.dependencies.interpreters import available
from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.source.document import read_document
from lambda_emulator.template.values import as_mapping

TEMPLATE_NAMES = ("template.yaml", "template.yml", "template.json")
BUILT_TEMPLATE = Path(".aws-sam", "build", "template.yaml")

_CODE_PROPERTIES = ("Code", "CodeUri", "Content", "ContentUri")
_IGNORED_FOLDERS = frozenset({"__pycache__", "node_modules", "venv"})
_LOG = logging.getLogger(__name__)


def find_template(start_dir: Path, explicit: Path | None = None) -> Path:
    """The template that ``-t`` names; else the one in ``start_dir``, or what ``sam build`` made of it if that is fresh.

    Raises TemplateError.
    """
    if explicit is not None:
        path = start_dir / explicit
        if not path.is_file():
            raise TemplateError("no such file; name the template with -t", path=path)
        return path
    built = start_dir / BUILT_TEMPLATE
    source = next((start_dir / name for name in TEMPLATE_NAMES if (start_dir / name).is_file()), None)
    if source is None:
        if built.is_file():
            return built
        raise TemplateError(f"no {' or '.join(TEMPLATE_NAMES)} here; name the template with -t", path=start_dir)
    if not built.is_file():
        return source
    newer = _newer_source(source, built.stat().st_mtime)
    if newer is not None:
        _LOG.info("using %s: %s is newer than what sam build made", source, newer)
        return source
    foreign = _foreign_module(built.parent)
    if foreign is not None:
        _LOG.info("using %s: sam build made modules for another Python, such as %s", source, foreign)
        return source
    _LOG.info("using what sam build made: %s", built)
    return built


def _foreign_module(build: Path) -> Path | None:
    """A compiled module of the build that no Python on this machine can load, or None."""
    loadable = tuple(f".cpython-{major}{minor}-" for major, minor in available())
    modules = build.rglob("*.cpython-*.so")
    return next((module for module in modules if not any(tag in module.name for tag in loadable)), None)


def _newer_source(template: Path, built_at: float) -> Path | None:
    """A source file that was changed after the build, or None."""
    if template.stat().st_mtime > built_at:
        return template
    files = (file for folder in _code_folders(template) for file in _source_files(folder))
    return next((file for file in files if file.lstat().st_mtime > built_at), None)


def _code_folders(template: Path) -> Iterator[Path]:
    """The folders that the template names as code. Intrinsic functions are not evaluated here."""
    try:
        data = read_document(template).data
    except TemplateError:
        return  # reading it in earnest will say what is wrong
    functions = {"Properties": as_mapping(data.get("Globals")).get("Function")}
    sections = [*as_mapping(data.get("Resources")).values(), functions]
    for section in sections:
        properties = as_mapping(as_mapping(section).get("Properties"))
        for name in _CODE_PROPERTIES:
            location = properties.get(name)
            if isinstance(location, str) and (template.parent / location).is_dir():
                yield template.parent / location


def _source_files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _IGNORED_FOLDERS and not name.startswith(".")]
        yield from (Path(place, name) for name in files)
