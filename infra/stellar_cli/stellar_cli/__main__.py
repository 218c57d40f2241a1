"""``python -m stellar_cli``: the ``stellar`` command, for where no script is installed."""

from stellar_cli.main import cli

cli(prog_name="stellar")
