"""``stellar explore``: the files that it leaves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from matplotlib.image import imread

from stellar_pipeline.cli.explore import explore
from stellar_pipeline.data.catalogue import clean
from stellar_pipeline.reading.training import read
from stellar_pipeline.reports.explore.figures import PLOTS
from stellar_pipeline.reports.explore.style import styled
from support.catalogues import synthetic, synthetic_file, synthetic_frame

NAMES = ["class_balance", "colour_colour", "redshift", "magnitudes", "sky_map", "correlation"]


def _explore(data: Path, out: Path) -> str:
    result = CliRunner().invoke(explore, ["--data", str(data), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_figure_is_a_picture_and_the_page_holds_them_all(tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed = _explore(synthetic_file(tmp_path, 500), out)
    for name in NAMES:
        picture = imread(out / f"{name}.png")
        assert picture.shape[1] > 900
        assert picture.std() > 0.02, f"{name} is blank"
        assert f"{name}.png" in printed
    page = (out / "index.html").read_text()
    assert page.count("data:image/png;base64,") == len(NAMES)
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "500 rows read" in page


def test_a_parquet_catalogue_gives_the_same_rows_as_its_csv(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    synthetic_frame(300).to_parquet(path)
    assert clean(read([path])).fingerprint == clean(read([synthetic_file(tmp_path, 300)])).fingerprint


@pytest.mark.parametrize("only", ["GALAXY", "QSO", "STAR"])
def test_a_catalogue_of_one_class_can_be_drawn(only: str, tmp_path: Path) -> None:
    rows = synthetic(500).rows
    for plot in PLOTS:
        with styled():
            plot.draw(rows[rows["class"] == only]).savefig(tmp_path / f"{plot.name}.png", dpi=40)
        assert (tmp_path / f"{plot.name}.png").stat().st_size > 1000


def test_a_file_that_is_no_catalogue_is_refused_in_one_line(tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    data.write_text("u,g\n1,2\n")
    result = CliRunner().invoke(explore, ["--data", str(data), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert result.output.startswith("Error: rows.csv lacks r, i, z, class, redshift, alpha, delta.")


def test_a_catalogue_with_no_usable_row_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    synthetic_frame(3).assign(u=-9999.0).to_csv(data, index=False)
    result = CliRunner().invoke(explore, ["--data", str(data), "--out", str(tmp_path / "out")])
    assert result.output == "Error: rows.csv has no row that can be drawn\n"
