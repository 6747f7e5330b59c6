"""`liftrounds import` and `liftrounds export` at the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backend import database
from backend.cli import liftrounds
from backend.registry import rows, sheet
from backend.settings import Settings

DATA = Path(__file__).parents[3] / "data"
HEAD = "注册代码,使用单位,安装地点,额定载重量\n"
GOOD = "31103310022018050001,物业,花园,1000kg\n"
BAD = "2,物业,花园,heavy\n"


class Terminal:
    """Runs commands as somebody at the terminal does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, content: str, name: str = "register.csv") -> str:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return str(path)

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(liftrounds, list(arguments), standalone_mode=True)
        assert done.exit_code == code, f"{done.exit_code}: {done.output}{done.exception!r}"
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)


@pytest.fixture
def terminal(clean_database: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of an installation with an empty database."""
    monkeypatch.setattr(database, "release_embedded", lambda: None)  # the tests' server lives in this process too
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIFTROUNDS_DATABASE_URL", clean_database)
    monkeypatch.chdir(tmp_path)
    return Terminal(tmp_path)


def test_a_register_is_imported_and_exported_as_it_was(terminal: Terminal) -> None:
    done = terminal.run("import", "elevators", terminal.file(HEAD + GOOD))
    assert "elevators │   1 │" in done.stdout
    assert "Maintenance firm 维保单位 is new" in done.stdout
    for name in ("out.csv", "out.xlsx"):
        terminal.run("export", "elevators", "-o", name)
        told = terminal.json("import", "elevators", name)
        assert told["elevators"] == {"created": 0, "updated": 0, "unchanged": 1}
    printed = terminal.run("export", "elevators", "--headers", "zh").stdout_bytes
    assert printed.startswith(b"\xef\xbb\xbf")
    assert "设备代码" in printed.decode("utf-8-sig")


def test_bad_rows_are_shown_and_written_beside_the_file(terminal: Terminal) -> None:
    file = terminal.file(HEAD + GOOD + BAD)
    refused = terminal.run("import", "elevators", file, code=2)
    for part in ("3", "额定载重量", "heavy", "write a number", "Nothing is written: 1 bad rows", "register-bad-rows.xlsx"):
        assert part in refused.stdout
    table = sheet.read((terminal.folder / "register-bad-rows.xlsx").read_bytes(), rows.recogniser(None))
    assert table.header == ["注册代码", "使用单位", "安装地点", "额定载重量", "reason (liftrounds)"]
    assert len(table.rows) == 1
    skipped = terminal.run("import", "elevators", file, "--skip-bad", "--report", "left out.csv", code=1)
    assert "1 bad rows were left out" in skipped.stdout
    assert (terminal.folder / "left out.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_dry_run_finds_bad_rows_and_writes_nothing_into_the_database(terminal: Terminal) -> None:
    assert (
        "A dry run: nothing is written" in terminal.run("import", "elevators", terminal.file(HEAD + GOOD), "--dry-run").stdout
    )
    told = terminal.json("import", "elevators", terminal.file(HEAD + GOOD + BAD), "--dry-run", code=1)
    assert (told["written"], told["dry_run"], told["bad_rows"]) == (False, True, 1)
    assert told["report"].endswith("register-bad-rows.xlsx")
    assert terminal.run("export", "elevators").stdout.count("\n") == 1


def test_a_long_list_of_faults_is_cut_with_a_count(terminal: Terminal) -> None:
    file = terminal.file(HEAD + "".join(f"{n},物业,花园,heavy\n" for n in range(100)))
    shown = terminal.run("import", "elevators", file, code=2).stdout
    assert "… and 80 more faults" in shown
    assert shown.count("heavy") == 20


def test_a_foreign_register_is_imported_by_a_mapping_s_name_or_file(terminal: Terminal) -> None:
    told = terminal.json(
        "import", "elevators", str(DATA / "nyc_midtown_extract.csv"), "--mapping", "nyc-dob-2015", "--firm", "Midtown Lifts"
    )
    assert (told["elevators"]["created"], told["firms_made"], told["bad"]) == (199, ["Midtown Lifts"], [])
    own = terminal.file(
        'title = "own"\n[columns.registration_code]\nfrom = "equipment"\n[columns.site]\nfrom = "station"', "own.toml"
    )
    told = terminal.json("import", "elevators", str(DATA / "db_station_lifts_extract.csv"), "--mapping", own, "--firm", "Bahn")
    assert told["elevators"]["created"] == 104
    assert "Bahn" not in terminal.run("export", "elevators", "--firm", "Midtown Lifts").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "elevators", "nowhere.csv"], "does not exist"),
        (["import", "elevators", "register.csv", "--mapping", "atlantis"], "nyc-dob-2015"),
        (["import", "elevators", "register.csv", "--mapping", "nowhere.toml"], "no mapping file"),
        (["import", "elevators", "register.csv", "--report", "x.pdf"], ".xlsx or .csv"),
        (["import", "elevators", "register.csv", "--encoding", "klingon"], "encoding is not known"),
        (["import", "elevators", "empty.csv"], "empty"),
        (["import", "elevators", "other.csv"], "registration code"),
        (["export", "elevators", "-o", "x.pdf"], ".csv or .xlsx"),
        (["export", "elevators", "--firm", "nobody"], "no firm nobody"),
        (["export", "elevators", "-o", "no/such/folder/x.csv"], "cannot be written"),
    ],
)
def test_wrong_use_is_told_in_one_line_with_exit_code_2(terminal: Terminal, arguments: list[str], message: str) -> None:
    terminal.file(HEAD + GOOD)
    terminal.file("", "empty.csv")
    terminal.file("电梯,地点\n1,2\n", "other.csv")
    done = terminal.run(*arguments, code=2)
    assert message in done.output
    assert "Traceback" not in done.output


def test_the_template_can_be_imported(terminal: Terminal) -> None:
    terminal.run("export", "template", "-o", "template.xlsx", "--headers", "zh")
    assert terminal.json("import", "elevators", "template.xlsx")["elevators"]["created"] == 1


@pytest.mark.parametrize("command", [["import", "elevators"], ["export", "elevators"], ["export", "template"]])
def test_help_shows_an_example(command: list[str]) -> None:
    done = CliRunner().invoke(liftrounds, [*command, "--help"])
    assert done.exit_code == 0
    assert f"liftrounds {' '.join(command)}" in done.output
