"""Many objects at once: a CSV file in, a table and a file out, bad rows told with their reasons."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from stellar.schema import EXAMPLE
from support.the_page import ThePage, words

NAMES = list(EXAMPLE)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of 20,000 synthetic rows."""
    path = tmp_path_factory.mktemp("catalogue") / "large.csv"
    command = [str(Path(sys.executable).with_name("stellar")), "data", "synth", "--rows", "20000", "--out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def a_file(folder: Path, *changes: dict[str, object]) -> Path:
    """A CSV file of example objects, each with some fields changed."""
    path = folder / "objects.csv"
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, NAMES)
        lines.writeheader()
        lines.writerows({**EXAMPLE, **change} for change in changes)
    return path


def test_good_rows_are_classified_and_bad_ones_listed_with_reasons(visit: ThePage, tmp_path: Path) -> None:
    visit.go("many")
    visit.upload(a_file(tmp_path, {}, {"redshift": 2.1}, {"delta": 123}, {"u": "bright"}, {"redshift": ""}))
    expect(visit.table).to_be_visible()
    expect(visit.table).to_contain_text(words("galaxy"))
    expect(visit.main).to_contain_text("delta")
    expect(visit.main).to_contain_text(words(r"90|limit"))
    expect(visit.main).to_contain_text("bright")


def test_results_can_be_downloaded(visit: ThePage, tmp_path: Path) -> None:
    visit.go("many")
    visit.upload(a_file(tmp_path, {}, {"redshift": -0.0003}, {}))
    expect(visit.table).to_be_visible()
    with visit.tab.expect_download() as download:
        visit.button(r"download").click()
    target = tmp_path / "results.csv"
    download.value.save_as(target)
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    assert any("label" in name or "class" in name for name in rows[0])


def test_a_large_file_shows_its_progress_and_ends(visit: ThePage, large: Path) -> None:
    visit.go("many")
    visit.upload(large)
    expect(visit.progress).to_be_visible()
    expect(visit.main).to_contain_text(words(r"20[,. ]?000"), timeout=60_000)
    expect(visit.table).to_be_visible(timeout=60_000)


def test_a_large_file_can_be_cancelled(visit: ThePage, large: Path) -> None:
    visit.go("many")
    # Slow answers leave the time to cancel that a slow network would.
    visit.tab.route(words(r"/predict/batch"), lambda route: (visit.tab.wait_for_timeout(300), route.continue_()))
    visit.upload(large)
    visit.button(r"cancel").click()
    expect(visit.main).to_contain_text(words(r"cancel+ed|stopped"))
    visit.tab.unroute_all(behavior="ignoreErrors")


def test_a_file_that_is_no_catalogue_is_refused_with_what_is_missing(visit: ThePage, tmp_path: Path) -> None:
    visit.go("many")
    strange = tmp_path / "strange.csv"
    strange.write_text("name,age\nVega,455\n")
    visit.upload(strange)
    expect(visit.main).to_contain_text(words(r"missing|column"))


def test_a_row_opens_whole_and_the_results_are_still_there_afterwards(visit: ThePage, tmp_path: Path) -> None:
    visit.go("many")
    visit.upload(a_file(tmp_path, {"obj_ID": 1237663784734294017}, {"redshift": 2.1}))
    expect(visit.table).to_contain_text("1237663784734294017")
    visit.button(r"^open: line 2$").click()
    expect(visit.answer).to_contain_text(words("galaxy"))
    expect(visit.field("obj_ID")).to_have_value("1237663784734294017")
    visit.go("many")
    expect(visit.table).to_contain_text("1237663784734294017")


def test_the_files_own_classes_are_compared(visit: ThePage, tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, [*NAMES, "class"])
        lines.writeheader()
        lines.writerows({**EXAMPLE, "class": each} for each in ("GALAXY", "QSO"))
    visit.go("many")
    visit.upload(path)
    expect(visit.main.get_by_role("table", name=words("confusion"))).to_be_visible()
    expect(visit.main).to_contain_text("50.0")


def test_columns_without_names_are_asked_for(visit: ThePage, tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text(f"{','.join(map(str, EXAMPLE.values()))}\n" * 2)
    visit.go("many")
    visit.upload(path)
    expect(visit.main.get_by_role("heading", name=words("which column"))).to_be_visible()
    visit.button(r"use these columns").click()
    expect(visit.table).to_contain_text(words("galaxy"))


def test_lines_that_are_no_rows_are_named(visit: ThePage, tmp_path: Path) -> None:
    path = a_file(tmp_path, *[{}] * 4)
    lines = path.read_text().splitlines()
    lines[2] = f'"{lines[2]}'
    path.write_text("\n".join([*lines, "1,2"]))
    visit.go("many")
    visit.upload(path)
    expect(visit.main).to_contain_text("2 lines are no row")
    expect(visit.main).to_contain_text("Line 3:")
    expect(visit.main).to_contain_text("Line 6: 2 cells where there are 16 columns")


@pytest.mark.parametrize(("name", "ending"), [("Parquet", "parquet"), ("FITS", "fits"), ("VOTable", "vot")])
def test_results_go_out_in_a_format_that_is_read_again(visit: ThePage, tmp_path: Path, name: str, ending: str) -> None:
    visit.go("many")
    visit.upload(a_file(tmp_path, {"obj_ID": 1237663784734294017}, {}))
    expect(visit.table).to_be_visible()
    with visit.tab.expect_download() as download:
        visit.button(f"download as {name}").click()
    target = tmp_path / f"results.{ending}"
    download.value.save_as(target)
    visit.upload(target)
    expect(visit.main).to_contain_text(f"results.{ending}: 2 of 2 rows")
    expect(visit.table).to_contain_text("1237663784734294017")
