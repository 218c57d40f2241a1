"""Programs in environments of their own, by uv: their pins would meet ours otherwise."""

from __future__ import annotations

import shutil

from stellar_local_stack.project import ROOT

MINISTACK = "ministack==1.5.33"


def find_uv() -> str | None:
    """uv from the PATH, or the copy that `make` installs."""
    return shutil.which("uv") or shutil.which(str(ROOT / ".uv/bin/uv"))


def tool(uv: str, program: str, *requirements: str, python: str | None = None) -> list[str]:
    """The command that runs a program of the first requirement, with the others beside it."""
    first, *others = requirements
    version = ["--python", python] if python else []
    beside = [part for other in others for part in ("--with", other)]
    return [uv, "tool", "run", *version, "--from", first, *beside, program]
