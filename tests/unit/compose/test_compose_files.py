"""What every container promises: pinned, checked, bounded, without rights that it does not need, and no secret."""

import base64
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.containers import INFRA, VARIABLE, compose_files, secrets, services

SERVICES = services()
PROFILES = {"all", "mlflow", "streaming", "airflow", "frontend", "observability"}
WRITES_ITS_OWN_FILES = {"kafka"}
each_service = pytest.mark.parametrize(("name", "service"), SERVICES.items(), ids=list(SERVICES))


@each_service
def test_images_are_pinned(name: str, service: dict[str, Any]) -> None:
    tag = service["image"].rpartition(":")[2]
    assert re.search(r"\d+\.\d+|\d{4}-\d\d-\d\d", tag), tag


@each_service
def test_it_tells_whether_it_is_well_or_runs_only_once(name: str, service: dict[str, Any]) -> None:
    assert ("healthcheck" in service) is (service["restart"] != "no")


@each_service
def test_it_has_no_more_rights_than_it_needs(name: str, service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is (name not in WRITES_ITS_OWN_FILES)


@each_service
def test_what_it_may_use_is_bounded(name: str, service: dict[str, Any]) -> None:
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}


@each_service
def test_engine_20_10_takes_it(name: str, service: dict[str, Any]) -> None:
    assert "start_interval" not in service.get("healthcheck", {})  # Engine 25


@each_service
def test_nothing_is_copied_into_a_read_only_container(name: str, service: dict[str, Any]) -> None:
    """Compose copies configs and secrets of ``content`` or ``environment``, and refuses where it cannot."""
    assert not {"configs", "secrets"} & service.keys()


@each_service
def test_only_this_machine_reaches_its_ports(name: str, service: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@each_service
def test_what_it_waits_for_is_in_all_of_its_profiles(name: str, service: dict[str, Any]) -> None:
    profiles = set(service.get("profiles", PROFILES))
    assert profiles <= PROFILES
    assert "all" in profiles
    for other in service.get("depends_on", {}):
        assert profiles <= set(SERVICES[other].get("profiles", PROFILES)), other


@each_service
def test_secrets_come_from_the_environment_alone(name: str, service: dict[str, Any]) -> None:
    for key, value in service.get("environment", {}).items():
        if re.search(r"PASSWORD$|SECRET|_KEY$|SQL_ALCHEMY|STORE_URI", key):
            assert VARIABLE.search(value), key


@pytest.mark.parametrize("path", compose_files(), ids=lambda path: path.name)
def test_no_variable_but_a_port_has_a_default(path: Path) -> None:
    for name, demand, rest in VARIABLE.findall(path.read_text()):
        if re.fullmatch(r"STELLAR_[A-Z0-9]+_PORT", name):
            assert re.fullmatch(r":-\d+", rest), name
        else:
            assert demand.startswith(":?"), name
            assert not rest


def test_every_port_can_be_moved_and_each_variable_means_one_number() -> None:
    defaults: dict[str, set[str]] = {}
    for path in compose_files():
        for name, _, rest in VARIABLE.findall(path.read_text()):
            if rest:
                defaults.setdefault(name, set()).add(rest)
    assert all(len(numbers) == 1 for numbers in defaults.values())
    for service in SERVICES.values():
        for port in service.get("ports", []):
            assert re.match(r"127\.0\.0\.1:\$\{STELLAR_\w+_PORT:-\d+\}:\d+$", port), port


def test_the_example_file_names_every_secret_and_gives_none() -> None:
    lines = (INFRA / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert given.keys() == secrets()
    assert {name for name, value in given.items() if value} == {"MINIO_ROOT_USER"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what make-env.sh works on."""
    for name in (".env.example", "make-env.sh"):
        shutil.copy(INFRA / name, tmp_path / name)
    return tmp_path


def _made(folder: Path) -> dict[str, str]:
    subprocess.run([folder / "make-env.sh"], check=True, timeout=30, capture_output=True)
    return dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines() if line[:1] not in ("", "#"))


def test_one_script_gives_every_variable_a_value_of_its_own(folder: Path) -> None:
    values = _made(folder)
    assert values.keys() == secrets()
    assert len({value for value in values.values() if len(value) > 30}) == len(values) - 1
    assert len(base64.urlsafe_b64decode(values["AIRFLOW_FERNET_KEY"])) == 32
    assert re.fullmatch("[a-z0-9]+", values["POSTGRES_PASSWORD"])
    assert (folder / ".env").stat().st_mode & 0o077 == 0


def test_what_has_a_value_keeps_it(folder: Path) -> None:
    shutil.copy(folder / ".env.example", folder / ".env")
    first = _made(folder)
    assert all(first.values())
    with (folder / ".env").open("a") as file:
        file.write("OTHER=mine\n")
    assert _made(folder) == {**first, "OTHER": "mine"}


def test_the_addresses_that_services_use_are_those_of_services() -> None:
    for path in compose_files():
        for host in re.findall(r"(?:https?://|@)([a-z][\w-]*):\d+", path.read_text()):
            assert host in SERVICES or host == "localhost", host


def test_docker_compose_takes_the_files(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no `docker compose` on this machine")
    values = tmp_path / "env"
    values.write_text("".join(f"{name}=x\n" for name in secrets()))
    command = [docker, "compose", "-f", str(INFRA / "compose.yaml"), "--env-file", str(values), "--profile", "all"]
    checked = subprocess.run([*command, "config", "--quiet"], capture_output=True, text=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stderr
