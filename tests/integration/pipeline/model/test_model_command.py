"""``stellar model`` on a bucket, with and without MLflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stellar.artefact import Artefact
from stellar_pipeline.cli.model import model
from stellar_pipeline.release.champions import Champions
from support import artefact
from support.ports import free_ports


def call(*arguments: str) -> Result:
    """A call while nobody serves."""
    http, grpc = free_ports(2)
    addresses = ["--rest", f"http://127.0.0.1:{http}", "--grpc", f"127.0.0.1:{grpc}"]
    return CliRunner().invoke(model, [*addresses, *arguments], env={"COLUMNS": "120"})


def printed(*arguments: str) -> Any:
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def champions(model_bucket: str) -> Champions:
    """Two versions, the first of which is the champion."""
    found = Champions.from_environment()
    content = artefact.model_bytes()
    for version, macro_f1, rounds in (("v1", 0.9, 24), ("v2", 0.95, 30)):
        told = artefact.manifest(content, version)
        for metrics in told["metrics"].values():
            metrics["macro_f1"] = macro_f1
        told["metrics"] = json.loads(json.dumps(told["metrics"]))
        told["training"] = {"algorithm": "none", "parameters": {"boosting_rounds": rounds}, "seed": 1}
        found.export(Artefact.verify(json.dumps(told).encode(), content))
    found.promote("v1")
    return found


def test_list_has_all_versions_the_champion_and_who_answers(champions: Champions) -> None:
    found = printed("list")
    assert found["champion"]["version"] == "v1"
    assert {each["version"]: each["aliases"] for each in found["versions"]} == {"v1": ["champion"], "v2": []}
    assert [each["protocol"] for each in found["answering"]] == ["REST", "GraphQL", "gRPC"]
    assert all(each["version"] is None and each["problem"] for each in found["answering"])
    assert "MLFLOW_TRACKING_URI is not set" in found["problems"][0]
    table = call("list").output
    assert "champion" in table
    assert "nobody: Connection refused" in table


def test_promote_and_rollback_by_hand(champions: Champions) -> None:
    result = call("promote", "v2")
    assert result.exit_code == 0, result.output
    assert "The champion is v2; before, it was v1." in result.output
    assert "Nobody answers at" in result.output
    assert champions.record().version == "v2"
    assert printed("rollback") == {"champion": "v1", "replaced": "v2", "registered": False, "smoke_test": None}
    assert champions.record().version == "v1"


def test_a_model_in_a_folder_is_exported_and_promoted(champions: Champions, tmp_path: Path) -> None:
    folder = artefact.write(tmp_path / "model", "mine")
    result = call("promote", f"{folder}/")
    assert result.exit_code == 0, result.output
    assert "The champion is mine; before, it was v1." in result.output
    assert champions.artefact("mine").model == (folder / "model.onnx").read_bytes()


def test_show_is_of_the_champion_unless_told_otherwise(champions: Champions) -> None:
    assert printed("show")["version"] == "v1"
    assert printed("show", "v2")["metrics"]["spectroscopic"]["macro_f1"] == 0.95
    text = call("show", "v2").output
    assert "boosting_rounds=30" in text
    assert "0.9500" in text


def test_diff_has_figures_side_by_side_and_what_was_done_otherwise(champions: Champions) -> None:
    found = printed("diff", "champion", "v2")
    assert found["figures"]["spectroscopic"]["macro_f1"] == {"first": 0.9, "second": 0.95}
    assert found["changes"] == {"boosting_rounds": {"first": 24, "second": 30}}
    text = call("diff", "v1", "v2").output
    assert "+0.0500" in text
    assert "boosting_rounds: 24 → 30" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "v9"), "holds no model"),
        (("promote", "v9"), "MLFLOW_TRACKING_URI is not set"),
        (("promote", "./v9"), "./v9 holds no model: there is no manifest.json"),
        (("rollback",), "v1 is the first champion"),
        (("diff", "v1", "v9"), "holds no model"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: tuple[str, ...], said: str, champions: Champions) -> None:
    result = call(*arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
    assert champions.record().version == "v1"


def test_an_empty_bucket_is_told(model_bucket: str) -> None:
    assert printed("list")["versions"] == []
    result = call("show")
    assert result.exit_code == 1
    assert "champion.json does not exist" in result.output


def test_a_model_that_serving_would_refuse_is_not_promoted(champions: Champions) -> None:
    content = artefact.model_bytes(scale=float("nan"))
    told = json.dumps(artefact.manifest(content, "v3")).encode()
    champions.export(Artefact.verify(told, content))
    result = call("promote", "v3")
    assert result.exit_code == 1
    assert "gives no probabilities" in result.output
    assert champions.record().version == "v1"


@pytest.mark.xdist_group("mlflow")
@pytest.mark.timeout(240)
def test_with_mlflow_versions_that_were_not_exported_are_listed_too(
    tracked: str, champions: Champions, challengers: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    latest = challengers[1]["version"]
    found = {each["version"]: each for each in printed("list")["versions"]}
    assert found[latest]["aliases"] == ["challenger"]
    assert not found[latest]["exported"]
    assert found["v1"]["exported"]
    assert found["v1"]["run_id"] is None
    assert printed("show", latest)["run_id"] == challengers[1]["run_id"]
