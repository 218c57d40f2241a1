"""Which template a command works on."""

from __future__ import annotations

from pathlib import Path

from emulator.template.errors import TemplateError

TEMPLATE_NAMES = ("template.yaml", "template.yml", "template.json")


def find_template(start_dir: Path, explicit: Path | None = None) -> Path:
    """The template that ``-t`` names, or else the one in ``start_dir``. Raises TemplateError."""
    if explicit is not None:
        path = explicit if explicit.is_absolute() else start_dir / explicit
        if not path.is_file():
            raise TemplateError("no such file; name the template with -t", path=path)
        return path
    for name in TEMPLATE_NAMES:
        if (start_dir / name).is_file():
            return start_dir / name
    raise TemplateError(f"no {' or '.join(TEMPLATE_NAMES)} here; name the template with -t", path=start_dir)
