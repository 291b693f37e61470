"""`training.study.tables`, and the page that shows them."""

import csv
import re
from pathlib import Path

import numpy as np

from tests.servers import ROOT
from training.presets import presets_of
from training.study.convergence import Convergence
from training.study.tables import markdown, study_tables, write_csv
from training.study.xor import SEEN, Study

PAGE = ROOT / "docs" / "xor-study.md"
DATA = ROOT / "docs" / "images" / "xor-study.csv"


def _read(path: Path) -> Study:
    with path.open(encoding="utf-8", newline="") as file:
        seeds = list(csv.DictReader(file))
    columns = {key: np.array([float(seed[key] or "inf") for seed in seeds]) for key in seeds[0]}
    assert columns["seed"].tolist() == list(range(len(seeds)))

    def nets(names: list[str]) -> dict[str, Convergence]:
        return {name: Convergence(columns[f"{name} first"], columns[f"{name} for good"]) for name in names}

    return Study(nets(list(SEEN)), nets(list(presets_of("xor"))))


def test_csv_holds_the_study(study: Study, tmp_path: Path) -> None:
    """What is written is read back whole: the same tables, failures included."""
    write_csv(tmp_path / "study.csv", study)
    assert study_tables(_read(tmp_path / "study.csv")) == study_tables(study)


def test_rows_fit_their_heads(study: Study) -> None:
    """Every row has a cell per column, every net a row; failures are told."""
    tables = study_tables(study)
    assert all(len(row) == len(table.head) for table in tables for row in table.rows)
    names = {row[0] for table in tables for row in table.rows}
    assert names >= SEEN.keys() | presets_of("xor").keys()
    assert all(row[-1] == "39 of 40" for row in tables[0].rows)


def test_nobody_got_there() -> None:
    """A net that no seed teaches has quartiles all the same: never."""
    never = Convergence(np.full(3, np.inf), np.full(3, np.inf))
    study = Study(dict.fromkeys(SEEN, never), dict.fromkeys(presets_of("xor"), never))
    assert study_tables(study)[0].rows[0][2:] == (*["never"] * 5, "0 of 3")


def test_shares_of_an_order(study: Study) -> None:
    """If every run takes what the tutorial's took, every pick of runs comes in its order, and none in reverse."""
    sure = {name: Convergence(np.full(3, float(epoch)), np.full(3, float(epoch))) for name, epoch in SEEN.items()}
    rows = study_tables(Study(sure, study.presets))[2].rows
    assert rows[-1][0] == "2-16-16-1 before 2-16-1 before 2-32-1"
    assert {row[1:] for row in rows} == {("100.0 %", "0.0 %")}


def test_the_page_shows_the_data() -> None:
    """The tables of the page are those of the data beside it, and so are the shares in its text."""
    text, found = PAGE.read_text(encoding="utf-8"), markdown(study_tables(_read(DATA)))
    assert found in text
    shares = set(re.findall(r"[\d.]+ %", text.replace(found, ""))) - {"100 %"}
    assert shares
    assert shares <= set(re.findall(r"[\d.]+ %", found))
