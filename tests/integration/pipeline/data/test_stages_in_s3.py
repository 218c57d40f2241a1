"""The stages with every file in a real S3 server."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from stellar_pipeline.drift import measure
from stellar_pipeline.etl import obtain, preprocess, split, standardise
from stellar_pipeline.etl.prepared import load_test, load_train
from stellar_pipeline.etl.stage import StageOrderError
from stellar_pipeline.model.members import QUICK
from stellar_pipeline.model.training import train
from stellar_pipeline.object_store import MissingObjectError, StorageError, open_root
from support.catalogues import synthetic_file
from support.ports import free_ports

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NAMES = [
    "data_star.json",
    "preprocessed/catalogue.parquet",
    "quality.html",
    "raw/catalogue.parquet",
    "stages/obtain.json",
    "stages/preprocess.json",
    "stages/split.json",
    "stages/standardise.json",
    "standardised/test.parquet",
    "standardised/train.parquet",
    "test/catalogue.parquet",
    "train/catalogue.parquet",
]


def _stages(root: str, source: str | None = None) -> list[dict[str, Any]]:
    """As a DAG's tasks call them; each record goes through JSON as between tasks."""
    records = (obtain(root, source, rows=1000, seed=3), preprocess(root), split(root, seed=5), standardise(root))
    return [json.loads(json.dumps(record)) for record in records]


def test_every_stage_leaves_objects_and_a_second_run_writes_none(s3: S3Client, bucket: str) -> None:
    root = f"s3://{bucket}/data/stars"
    assert not any(record["skipped"] for record in _stages(root))
    first = {each["Key"]: each["LastModified"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert sorted(first) == [f"data/stars/{name}" for name in NAMES]
    assert all(record["skipped"] for record in _stages(root))
    assert {each["Key"]: each["LastModified"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]} == first


def test_objects_are_parquet_that_anyone_reads(s3: S3Client, bucket: str) -> None:
    _stages(f"s3://{bucket}")
    body = s3.get_object(Bucket=bucket, Key="standardised/train.parquet")["Body"].read()
    assert abs(pd.read_parquet(BytesIO(body))["redshift"].astype(float).mean()) < 1e-5


def test_a_csv_in_s3_gives_the_rows_that_it_gives_from_disk(s3: S3Client, bucket: str, tmp_path: Path) -> None:
    source = synthetic_file(tmp_path, 600)
    s3.upload_file(str(source), bucket, "kaggle/stars.csv")
    remote = _stages(f"s3://{bucket}/one", f"s3://{bucket}/kaggle/stars.csv")
    local = _stages(str(tmp_path / "root"), str(source))
    for there, here in zip(remote, local, strict=True):
        for name, output in here["outputs"].items():
            if name.endswith(".parquet"):
                assert there["outputs"][name]["sha256"] == output["sha256"], name


def test_a_csv_in_s3_that_changes_makes_the_stages_again(s3: S3Client, bucket: str, tmp_path: Path) -> None:
    root, source = f"s3://{bucket}/data", f"s3://{bucket}/stars.csv"
    s3.upload_file(str(synthetic_file(tmp_path, 600)), bucket, "stars.csv")
    _stages(root, source)
    assert all(record["skipped"] for record in _stages(root, source))
    s3.upload_file(str(synthetic_file(tmp_path, 600, seed=4)), bucket, "stars.csv")
    assert not any(record["skipped"] for record in _stages(root, source))


def test_a_model_can_be_trained_on_what_the_stages_left(bucket: str) -> None:
    root = f"s3://{bucket}/data"
    _stages(root)
    trained = train(load_train(root), QUICK, seed=1)
    assert trained.metrics["spectroscopic"].macro_f1 > 0.6
    assert len(load_test(root).rows) == 300


def test_an_interrupted_stage_is_made_again(s3: S3Client, bucket: str) -> None:
    root = f"s3://{bucket}"
    _stages(root)
    # GIVEN files without a record, as a stage leaves them that ends before it has written its own
    s3.delete_object(Bucket=bucket, Key="stages/split.json")
    with pytest.raises(StageOrderError, match="'split'"):
        standardise(root)
    assert [record["skipped"] for record in _stages(root)] == [True, True, False, True]


def test_a_bucket_of_an_emulated_s3_is_made_when_it_is_first_used(s3: S3Client) -> None:
    open_root("s3://never-seen/prefix").write("one", b"1")
    assert s3.get_object(Bucket="never-seen", Key="prefix/one")["Body"].read() == b"1"


def test_a_missing_object_is_named(bucket: str) -> None:
    with pytest.raises(MissingObjectError, match=f"s3://{bucket}/train/catalogue.parquet does not exist"):
        load_train(f"s3://{bucket}")


def test_an_s3_that_is_not_there_is_told_with_the_way_out(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(StorageError, match="AWS_ENDPOINT_URL_S3"):
        measure("s3://stars")


def test_the_command_runs_the_stages_as_a_process(bucket: str) -> None:
    command = [sys.executable, "-m", "stellar_cli", "pipeline", "run", "--root", f"s3://{bucket}/x", "--rows", "500"]
    first = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=100, check=True)
    assert (
        json.loads(first.stdout)["stages"][3]["outputs"]["data_star.json"]["uri"] == f"s3://{bucket}/x/data_star.json"
    )
    second = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert second.stdout.count("unchanged, skipped") == 4
