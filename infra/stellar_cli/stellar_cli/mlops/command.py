"""``stellar mlops``: MLflow and Airflow beside the local stack, until Ctrl-C; ``stellar mlops run`` retrains."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console

from stellar_cli.mlops import airflow as mlops_airflow
from stellar_cli.mlops import servers as mlops_servers
from stellar_cli.mlops.airflow import AirflowMissingError
from stellar_local_stack.children import ChildEndedError, Children
from stellar_local_stack.ports import PORTS, Command, Port, Ports, offset_option, port_options, refuse_busy
from stellar_local_stack.project import ROOT
from stellar_local_stack.screen import print_addresses
from stellar_service import ports as usual

MLFLOW = Port("mlflow", usual.MLFLOW, "MLflow")
AIRFLOW = Port("airflow", usual.AIRFLOW, "Airflow")

_state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / ".stellar/mlops",
    help="Folder for databases, logs and credentials. [default: .stellar/mlops]",
)


@dataclass(frozen=True, slots=True)
class Session:
    """What is running, as ``run`` finds it in the state folder."""

    airflow: str
    mlflow: str
    user: str
    password: str
    rest: str
    grpc: str
    kafka: str

    @staticmethod
    def file(state: Path) -> Path:
        return state / "session.json"

    @classmethod
    def read(cls, state: Path) -> Session:
        """Raises click.ClickException where nothing runs."""
        try:
            return cls(**json.loads(cls.file(state).read_text()))
        except (OSError, ValueError, TypeError):
            raise click.ClickException(f"Nothing runs from {state}: start it with `make mlops`.") from None

    def write(self, state: Path) -> None:
        file = self.file(state)
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(self), indent=1))


async def _serve(ports: Ports, mlflow_port: int, airflow_port: int, state: Path, console: Console) -> None:
    """Start what does not run yet, say where it is, and keep it until a signal or the end of one of the servers."""
    began, stop, loop = time.perf_counter(), asyncio.Event(), asyncio.get_running_loop()
    attached = await mlops_servers.stack_answers(ports)
    if not attached:
        refuse_busy(asdict(ports))
    _clear(state, keep_mlflow=attached)
    logs = mlops_servers.Logs(state / "logs")
    starting = asyncio.current_task()
    assert starting is not None

    def end() -> None:
        stop.set()
        if not ready:
            starting.cancel()

    ready = False
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)
    try:
        async with Children(logs) as children:
            children.first_end.add_done_callback(lambda _: stop.set())
            console.print("Using the local stack that runs." if attached else "Starting the local stack …")
            if not attached:
                await mlops_servers.start_stack(children, ports)
            console.print("Starting MLflow and Airflow …")
            home = state / "airflow"
            password = mlops_airflow.write_password(home)
            settings = mlops_airflow.environment(home, airflow_port, ports, mlflow_port)
            await asyncio.gather(
                mlops_servers.start_mlflow(children, mlflow_port, state / "mlflow.db", ports.environment()),
                mlops_airflow.start(children, airflow_port, {**ports.environment(), **settings}),
            )
            session = Session(
                airflow=f"http://127.0.0.1:{airflow_port}",
                mlflow=f"http://127.0.0.1:{mlflow_port}",
                user=mlops_airflow.USER,
                password=password,
                rest=ports.http_url,
                grpc=ports.grpc_address,
                kafka=ports.kafka_address,
            )
            session.write(state)
            ready = True
            _announce(console, session, ports, state, time.perf_counter() - began)
            await stop.wait()
            console.print("Stopping …")
            if children.first_end.done():
                raise children.first_end.result()
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    finally:
        Session.file(state).unlink(missing_ok=True)


def _clear(state: Path, *, keep_mlflow: bool) -> None:
    """Begin anew: the local S3 is in memory, so what MLflow knew of a stack that has ended points to nothing."""
    for folder in (state / "airflow", state / "logs"):
        shutil.rmtree(folder, ignore_errors=True)
    state.mkdir(parents=True, exist_ok=True)
    if not keep_mlflow:
        for file in state.glob("mlflow.db*"):
            file.unlink()


def _announce(console: Console, session: Session, ports: Ports, state: Path, seconds: float) -> None:
    console.print(f"\nReady in {seconds:.1f} s. Press CTRL+C to quit.\n")
    rows = [
        ("Airflow", session.airflow, f"user {session.user}, password {session.password}"),
        ("MLflow", session.mlflow, "runs, models and their figures"),
        ("REST", session.rest, "GraphQL at /graphql"),
        ("gRPC", session.grpc, ""),
        ("Kafka", session.kafka, ""),
        ("S3", ports.s3_url, "data, models, MLflow's artefacts"),
        ("logs", str(state / "logs"), "one file a server"),
    ]
    print_addresses(console, rows)
    console.print("\nNow, in another terminal:\n")
    console.out("stellar mlops run\n", highlight=False)


def _own_port_options(command: Command) -> Command:
    return offset_option(port_options(command, (MLFLOW, AIRFLOW)), (*PORTS, MLFLOW, AIRFLOW))


@click.group(invoke_without_command=True)
@port_options
@_own_port_options
@_state_option
@click.pass_context
def mlops(ctx: click.Context, /, state: Path, mlflow_port: int, airflow_port: int, **numbers: int) -> None:
    """Start MLflow and Airflow beside the local stack, which is started too unless it runs. Ctrl-C stops it all."""
    ctx.obj = state.resolve()
    if ctx.invoked_subcommand:
        return
    ports = Ports(**{port.field: numbers[f"{port.name}_port"] for port in PORTS})
    refuse_busy({"mlflow": mlflow_port, "airflow": airflow_port}, ports=(MLFLOW, AIRFLOW))
    try:
        asyncio.run(_serve(ports, mlflow_port, airflow_port, ctx.obj, Console(stderr=True)))
    except (AirflowMissingError, ChildEndedError, TimeoutError, OSError) as error:
        reason = str(error) or "it took too long to start"
        raise click.ClickException(f"{reason}\nThe logs are in {ctx.obj / 'logs'}.") from error


@mlops.command(short_help="Retrain, and show who answers before and after.")
@click.option("--rows", type=click.IntRange(min=100), default=20_000, show_default=True, help="Synthetic rows.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the synthetic rows.")
@click.option("--source", help="A catalogue (file, folder, glob, s3:// address) to learn from instead.")
@click.option(
    "--margin",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="By how much macro-F1 must be better. The DAG's own default is stricter: 0.002.",
)
@click.option(
    "--demonstration",
    is_flag=True,
    help="Let a model of synthetic rows answer in the place of one of real rows, to see the whole loop at work.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON.")
@click.pass_obj
def run(
    state: Path, rows: int, seed: int, source: str | None, margin: float, demonstration: bool, as_json: bool
) -> None:
    """Make training data, retrain, and show who answers before and after, over all four protocols."""
    from stellar_cli.mlops.api import AirflowApi, AirflowApiError
    from stellar_cli.mlops.run import retrain

    session = Session.read(state)
    if source and "://" not in source:
        source = str(Path(source).resolve())
    conf = {
        "rows": rows,
        "seed": seed,
        "source": source,
        "retraining": {"margin": margin, "demonstration": demonstration},
    }
    if demonstration:
        click.echo(
            "A demonstration: a model of synthetic rows may answer. `stellar model --local rollback` undoes it.",
            err=True,
        )
    try:
        airflow = AirflowApi(session.airflow, session.user, session.password)
        found = retrain(airflow, session, conf, Console(stderr=True))
    except AirflowApiError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(found, indent=1))
    if not found["succeeded"]:
        raise SystemExit(1)
