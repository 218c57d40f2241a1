"""An environment with what Lambda's managed runtime brings: the runtime client, boto3 and what they need.

For the Python at hand it is made of links to the packages that are installed beside this one, in a moment and without
a network. For another version they are installed once, in the same versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from lambda_emulator.dependencies.interpreters import Interpreter

PROVIDED = ("awslambdaric", "boto3")

_REQUIRED = re.compile(r"[A-Za-z0-9._-]+")


def write_environment(folder: Path, python: Interpreter) -> Path:
    """A virtual environment with nothing in it; its folder for packages.

    Written by hand, which takes a moment where the module ``venv`` starts a process or two.
    """
    (folder / "bin").mkdir(parents=True)
    number = python.name.removeprefix("python")
    settings = f"home = {Path(python.path).parent}\ninclude-system-site-packages = false\nversion = {number}\n"
    (folder / "pyvenv.cfg").write_text(settings)
    program = folder / "bin" / "python"
    program.symlink_to(python.path)
    for name in ("python3", python.name):
        (folder / "bin" / name).symlink_to("python")
    packages = folder / "lib" / python.name / "site-packages"
    packages.mkdir(parents=True)
    return packages


def link_packages(packages: Path) -> None:
    """Link what the managed runtime provides, as it is installed here, into a folder."""
    for each in provided_distributions():
        for entry in {file.parts[0] for file in each.files or ()} - {"..", "__pycache__"}:
            (packages / entry).symlink_to(Path(str(each.locate_file(entry))))


def provided_versions() -> list[str]:
    """The provided packages as requirements, in the versions that are installed here."""
    return [f"{name}=={distribution(name).version}" for name in PROVIDED]


def provided_distributions() -> Iterator[Distribution]:
    """The provided packages, and those that they need."""
    waiting, seen = list(PROVIDED), set()
    while waiting:
        name = waiting.pop().lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:  # asked for on another platform or version
            continue
        yield found
        for line in found.requires or ():
            required = _REQUIRED.match(line)
            if required is not None and "extra ==" not in line:
                waiting.append(required[0])
