"""What every container promises: pinned, checked, bounded, without rights that it does not need, and no secret."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.containers import INFRA, ROOT, VARIABLE, compose_files, services

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
def test_no_variable_has_a_default(path: Path) -> None:
    for _, demand, rest in VARIABLE.findall(path.read_text()):
        assert demand.startswith(":?")
        assert not rest


def test_the_example_file_names_every_variable_and_gives_no_secret() -> None:
    lines = (INFRA / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    wanted = {match[0] for path in compose_files() for match in VARIABLE.findall(path.read_text())}
    assert given.keys() == wanted
    assert {name for name, value in given.items() if value} == {"MINIO_ROOT_USER"}


def test_what_the_example_file_says_makes_a_value_for_every_variable(tmp_path: Path) -> None:
    comment = [line.removeprefix("# ") for line in (INFRA / ".env.example").read_text().splitlines()[:6]]
    command = "\n".join(line.removeprefix("#") for line in comment if line.startswith("  ")).replace(
        "> infra/.env", f"> {tmp_path / 'env'}"
    )
    subprocess.run(["bash", "-c", command], cwd=ROOT, check=True, timeout=30)
    lines = (tmp_path / "env").read_text().splitlines()
    assert all(not line.endswith("=") for line in lines if not line.startswith("#"))


def test_the_addresses_that_services_use_are_those_of_services() -> None:
    for path in compose_files():
        for host in re.findall(r"(?:https?://|@)([a-z][\w-]*):\d+", path.read_text()):
            assert host in SERVICES or host == "localhost", host


def test_docker_compose_takes_the_files(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no `docker compose` on this machine")
    values = tmp_path / "env"
    names = {match[0] for path in compose_files() for match in VARIABLE.findall(path.read_text())}
    values.write_text("".join(f"{name}=x\n" for name in names))
    command = [docker, "compose", "-f", str(INFRA / "compose.yaml"), "--env-file", str(values), "--profile", "all"]
    checked = subprocess.run([*command, "config", "--quiet"], capture_output=True, text=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stderr
