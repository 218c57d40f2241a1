"""Every relative link of the documentation leads to a file that is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def _pages() -> list[Path]:
    """The Markdown files of the repository, without those of installed packages."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False)
    return sorted(ROOT / line for line in listed.stdout.splitlines()) or sorted(ROOT.glob("*.md"))


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    missing = [link for link in _LINK.findall(text) if not (page.parent / unquote(link)).exists()]
    assert not missing
