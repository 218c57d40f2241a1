"""The files that the stack runs: template, functions, layers, proto, DAGs and the built page.

They are package data, under ``bundled/``. In a checkout that folder holds symbolic links into the repository, which
are followed here, so that an edit of a function is seen at once; in a wheel it holds the files themselves.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_DATA = Path(str(files("stellar_local_stack") / "bundled"))

TEMPLATE = (_DATA / "template.yaml").resolve()
"""The SAM template; what it names lies beside it."""

ROOT = TEMPLATE.parent
"""The folder of the template: the repository's, or the package's own."""

BUILT_PAGE = ROOT / "frontend" / "dist"
"""Where ``npm run build`` puts the web page."""
