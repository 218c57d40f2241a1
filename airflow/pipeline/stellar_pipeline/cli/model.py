"""``stellar model``: which versions there are, which one answers, and another one in its place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from stellar_service import ports

_LOCAL = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
"""What the S3 of `stellar up` is asked with."""

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
_WAIT_SECONDS = 30.0


@click.group()
@click.option("--local", is_flag=True, help="Use the S3 of `stellar up`, on this machine.")
@click.option("--s3", default=ports.url(ports.S3), show_default=True, metavar="URL", help="Where --local finds it.")
@click.option("--bucket", envvar="MODEL_BUCKET", show_envvar=True, help="The models' bucket. [default: stellar-models]")
@click.option("--tracking-uri", envvar="MLFLOW_TRACKING_URI", show_envvar=True, help="The MLflow server, if any.")
@click.option("--rest", envvar="REST_URL", default=ports.url(ports.HTTP), show_default=True, show_envvar=True)
@click.option("--grpc", envvar="GRPC_ADDRESS", default=ports.address(ports.GRPC), show_default=True, show_envvar=True)
@click.pass_context
def model(
    ctx: click.Context, local: bool, s3: str, bucket: str | None, tracking_uri: str | None, rest: str, grpc: str
) -> None:
    """See the model's versions, promote one, go back, compare two.

    S3 is found as by every AWS tool: AWS_ENDPOINT_URL_S3, AWS_PROFILE and so on. MLflow need not be there.
    """
    wanted = {
        **({**_LOCAL, "AWS_ENDPOINT_URL_S3": s3} if local else {}),
        "MODEL_BUCKET": bucket,
        "MLFLOW_TRACKING_URI": tracking_uri,
    }
    os.environ.update({name: value for name, value in wanted.items() if value})
    ctx.obj = (rest, grpc)


@model.command("list")
@_JSON
@click.pass_obj
def list_(addresses: tuple[str, str], as_json: bool) -> None:
    """All versions with their figures, and who answers now."""
    with _failures():
        from stellar_pipeline.release.champions import Champions
        from stellar_pipeline.release.serving_version import serving_versions
        from stellar_pipeline.tracking.versions import overview

        found, answering = overview(Champions.from_environment()), serving_versions(*addresses)
    if as_json:
        _print_json(
            {
                "champion": found.champion.model_dump(mode="json") if found.champion else None,
                "versions": [each.as_dict() for each in found.versions],
                "answering": [asdict(each) for each in answering],
                "problems": found.problems,
            }
        )
        return
    from rich.console import Console

    from stellar_pipeline.cli.model_tables import print_overview

    print_overview(Console(), found, answering)


@model.command()
@click.argument("version", required=False)
@_JSON
def show(version: str | None, as_json: bool) -> None:
    """All that is known of VERSION, by default of the champion."""
    with _failures():
        from stellar_pipeline.release.champions import Champions
        from stellar_pipeline.tracking.versions import look_up

        found = look_up(Champions.from_environment(), version)
    if as_json:
        _print_json(found.as_dict())
        return
    from rich.console import Console

    from stellar_pipeline.cli.model_tables import print_version

    print_version(Console(), found)


@model.command(short_help="Make VERSION the champion, which answers.")
@click.argument("version")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until the service, if it runs, answers.")
@_JSON
@click.pass_obj
def promote(addresses: tuple[str, str], version: str, wait: bool, as_json: bool) -> None:
    """Make VERSION the champion: export it, point serving at it, tell MLflow.

    VERSION may be the folder of a model that `stellar train` made: a path with a slash in it, such as model/.
    """
    with _failures():
        from stellar_pipeline.release.promotion import promote as make_champion

        done = make_champion(version)
    _finish(done, addresses, wait=wait, as_json=as_json)


@model.command()
@click.argument("version", required=False)
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until the service, if it runs, answers.")
@_JSON
@click.pass_obj
def rollback(addresses: tuple[str, str], version: str | None, wait: bool, as_json: bool) -> None:
    """Make the champion before, or VERSION, the champion again."""
    with _failures():
        from stellar_pipeline.release.promotion import roll_back

        done = roll_back(version)
    _finish(done, addresses, wait=wait, as_json=as_json)


@model.command(short_help="Figures of FIRST and SECOND side by side.")
@click.argument("first")
@click.argument("second")
@_JSON
def diff(first: str, second: str, as_json: bool) -> None:
    """Figures of FIRST and SECOND side by side, and what was done otherwise. `champion` is a version too."""
    with _failures():
        from stellar_pipeline.cli.model_tables import changed, figures_of, print_diff
        from stellar_pipeline.release.champions import Champions
        from stellar_pipeline.tracking.versions import look_up

        champions = Champions.from_environment()
        one, other = (look_up(champions, None if name == "champion" else name).manifest for name in (first, second))
    if as_json:
        figures = {
            variant: {
                name: {"first": before, "second": after} for name, before, after in figures_of(one, other, variant)
            }
            for variant in one.metrics
        }
        changes = {name: {"first": old, "second": new} for name, (old, new) in changed(one, other).items()}
        _print_json({"first": one.version, "second": other.version, "figures": figures, "changes": changes})
        return
    from rich.console import Console

    print_diff(Console(), one, other)


@model.command("card", short_help="Print the model card of a model.")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def card_(folder: Path | None) -> None:
    """Print the model card of the model in FOLDER, by default of the one that ships: what it can and cannot do."""
    with _failures():
        from stellar.artefact import Artefact
        from stellar.settings import DEFAULT_MODEL_DIR
        from stellar_pipeline.reports.model_card import card

        manifest = Artefact.read(folder or DEFAULT_MODEL_DIR).manifest
    click.echo(card(manifest), nl=False)


def _finish(done: dict[str, Any], addresses: tuple[str, str], *, wait: bool, as_json: bool) -> None:
    """Say what was done, once the running service has taken it up. Raises click.ClickException if it does not."""
    from stellar_pipeline.release.serving_version import serving_versions, wait_for_all
    from stellar_pipeline.release.smoke import SmokeTestFailedError, smoke_test

    rest = addresses[0]
    tested = None
    behind: list[str] = []
    if wait and serving_versions(*addresses)[0].version:
        try:
            tested = smoke_test(rest, done["champion"], seconds=_WAIT_SECONDS)
        except SmokeTestFailedError as error:
            raise click.ClickException(f"{error}\n`stellar model rollback` goes back.") from None
        behind = wait_for_all(*addresses, done["champion"], _WAIT_SECONDS)
    if as_json:
        _print_json({**done, "smoke_test": tested})
        return
    before = done.get("previous") or done.get("replaced")
    click.echo(f"The champion is {done['champion']}{f'; before, it was {before}' if before else ''}.")
    if tested:
        click.echo(f"{rest} answers with it, and rightly.")
        if behind:
            click.echo(f"Another model still answers over {' and '.join(behind)}.", err=True)
    elif wait:
        click.echo(f"Nobody answers at {rest}: a service takes it up within MODEL_REFRESH_SECONDS.")
    if not done["registered"] and os.environ.get("MLFLOW_TRACKING_URI"):
        click.echo("MLflow was not told: it is not reachable, or does not know this version.", err=True)


def _print_json(content: object) -> None:
    click.echo(json.dumps(content, indent=1))


@contextmanager
def _failures() -> Iterator[None]:
    """What a user can put right becomes one line."""
    try:
        from stellar.artefact import ArtefactError
        from stellar_pipeline.object_store import StorageError
        from stellar_pipeline.release.champions import NoChampionError, NoPreviousChampionError, VersionNotExportedError
        from stellar_pipeline.release.promotion import UnknownVersionError
    except ModuleNotFoundError as error:
        way_out = "`uv sync --inexact --group train --group mlops` installs what it needs"
        raise click.ClickException(f"{error.name} is not installed. {way_out}.") from None
    try:
        yield
    except StorageError as error:
        raise click.ClickException(f"{error}\nFor the stack of `stellar up`: `stellar model --local …`") from None
    except (
        ArtefactError,
        NoChampionError,
        NoPreviousChampionError,
        UnknownVersionError,
        VersionNotExportedError,
    ) as error:
        raise click.ClickException(str(error)) from None
