"""``stellar train`` and ``stellar data`` as one types them."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from stellar_pipeline.cli import train as cli
from stellar_pipeline.data.columns import COLUMNS
from support.catalogues import synthetic_file


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def find_spec(name: str) -> ModuleSpec | None:
        return None if name in {"onnx", "sklearn"} else ModuleSpec(name, None)

    monkeypatch.setattr(cli, "find_spec", find_spec)
    data = synthetic_file(tmp_path, 10)
    result = CliRunner().invoke(cli.train, ["--data", str(data), "--out", str(tmp_path / "model")])
    assert result.exit_code == 1
    assert "onnx, scikit-learn not installed" in result.output
    assert "uv sync --inexact --group train" in result.output


def test_training_on_a_file_that_lacks_columns_says_which(tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    data.write_text("u,g\n1,2\n")
    result = CliRunner().invoke(cli.train, ["--data", str(data), "--out", str(tmp_path / "model")])
    assert result.exit_code == 1
    assert "Error: rows.csv lacks r, i, z, class, redshift." in result.output
    assert "Traceback" not in result.output


def test_synth_writes_as_many_rows_as_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    result = CliRunner().invoke(cli.data, ["synth", "--rows", "12345", "--seed", "1", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "12,345 rows" in result.output
    assert len(out.read_text().splitlines()) == 12_346


def test_synth_writes_the_same_rows_as_parquet(tmp_path: Path) -> None:
    for name in ("rows.csv", "rows.parquet"):
        arguments = ["synth", "--rows", "10500", "--seed", "1", "--out", str(tmp_path / name)]
        assert CliRunner().invoke(cli.data, arguments).exit_code == 0
    parquet, csv = pd.read_parquet(tmp_path / "rows.parquet"), pd.read_csv(tmp_path / "rows.csv")
    pd.testing.assert_frame_equal(parquet, csv, check_dtype=False)


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_synth_that_is_interrupted_leaves_what_was_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / name).write_text("kept")
    monkeypatch.setattr("rich.progress.Progress.update", interrupted)
    result = CliRunner().invoke(cli.data, ["synth", "--rows", "10", "--out", str(tmp_path / name)])
    assert "Aborted!" in result.output
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "kept")]


def test_fetching_a_csv_file_to_a_disk_that_is_full_leaves_what_was_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(_: object, path: Path, *__: object) -> None:
        Path(path).write_text("half of it")
        raise OSError(28, "No space left on device")

    source = synthetic_file(tmp_path, 10)
    before = source.read_bytes()
    monkeypatch.setattr("pyarrow.csv.write_csv", full)
    result = CliRunner().invoke(cli.data, ["fetch", "--from-csv", str(source), "--out", str(source)])
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before]


def test_synth_may_write_to_what_is_no_file(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli.data, ["synth", "--rows", "10", "--out", "/dev/null"]).exit_code == 0
    assert not Path("/dev/null").is_file()


def test_synth_to_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.data, ["synth", "--rows", "1", "--out", str(tmp_path / "no" / "rows.csv")])
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory" in result.output


@pytest.mark.parametrize(("options", "rows"), [([], 300), (["--rows", "120"], 120), (["--rows", "999"], 300)])
def test_fetching_from_a_csv_file_takes_all_or_some_of_its_rows(options: list[str], rows: int, tmp_path: Path) -> None:
    source, out = synthetic_file(tmp_path, 300), tmp_path / "rows.csv"
    result = CliRunner().invoke(cli.data, ["fetch", "--from-csv", str(source), "--out", str(out), *options])
    assert result.exit_code == 0, result.output
    taken = pd.read_csv(out)
    assert list(taken.columns) == list(COLUMNS)
    assert len(taken) == rows
    assert set(taken["spec_obj_ID"]) <= set(pd.read_csv(source)["spec_obj_ID"])


def test_fit_synth_writes_parameters(tmp_path: Path) -> None:
    source, out = synthetic_file(tmp_path, 1200), tmp_path / "parameters.json"
    result = CliRunner().invoke(cli.data, ["fit-synth", "--data", str(source), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert '"GALAXY"' in out.read_text()


def test_fit_synth_says_what_there_is_too_little_of(tmp_path: Path) -> None:
    source, out = synthetic_file(tmp_path, 30), tmp_path / "parameters.json"
    result = CliRunner().invoke(cli.data, ["fit-synth", "--data", str(source), "--out", str(out)])
    assert result.exit_code == 1
    assert "fitting needs at least 24 of GALAXY, 16 of QSO, 16 of STAR" in result.output
    assert not out.exists()
