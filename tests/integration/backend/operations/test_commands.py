"""`liftrounds migrate | doctor | backup | restore | account | serve` at the terminal: what is printed, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend import database
from backend.cli import COMMANDS, liftrounds
from backend.errors import LiftroundsError
from backend.settings import Settings, environment_of


class Terminal:
    """Runs `liftrounds` as somebody at the terminal does."""

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(liftrounds, list(arguments))
        assert done.exit_code == code, f"{done.exit_code}: {done.output}{done.exception!r}"
        return done

    def refused(self, *arguments: str) -> str:
        """Run a command that is refused; `main` prints such a refusal and ends with 2."""
        done = CliRunner().invoke(liftrounds, list(arguments))
        assert isinstance(done.exception, LiftroundsError | SystemExit), repr(done.exception)
        return f"{done.output}{done.exception}"


@pytest.fixture
def terminal(clean_database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(database, "release_embedded", lambda: None)  # the tests' server lives in this process too
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    return Terminal()


def test_migrate_says_that_there_is_nothing_to_apply(terminal: Terminal) -> None:
    assert "nothing to apply" in terminal.run("migrate").output


def test_the_first_admin_is_made_and_the_doctor_is_content(terminal: Terminal) -> None:
    before = terminal.run("doctor", code=1).output
    assert "liftrounds account add" in before
    made = terminal.run("account", "add", "--role", "admin", "--login", "root").output
    assert made.startswith("password: ")
    assert len(made.splitlines()[0]) > 20
    checks = json.loads(terminal.run("doctor", "--json").output)
    assert all(check["ok"] for check in checks)


def test_a_lost_password_is_set_anew(terminal: Terminal) -> None:
    terminal.run("account", "add", "--login", "root", "--password", "first long password")
    assert "all sessions have ended" in terminal.run("account", "password", "--login", "root").output


def test_a_password_that_is_too_short_is_refused(terminal: Terminal) -> None:
    assert "at least 10 characters" in terminal.run("account", "add", "--login", "root", "--password", "short", code=2).output


def test_a_backup_is_told_and_not_read_into_a_database_with_rows(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("account", "add", "--login", "root", "--password", "first long password")
    file = tmp_path / "b.zip"
    assert "rows of" in terminal.run("backup", str(file)).output
    assert "already" in terminal.refused("backup", str(file))
    told = json.loads(terminal.run("backup", str(file), "--replace", "--json").output)
    assert told["format"] == "liftrounds-backup/1"
    assert "not empty" in terminal.refused("restore", str(file))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    done = CliRunner().invoke(liftrounds, [name, "--help"])
    assert done.exit_code == 0
    helped = done.output
    if "Commands:" in helped:  # a group: its commands have the examples
        inner = helped.partition("Commands:")[2].split()[0]
        helped += CliRunner().invoke(liftrounds, [name, inner, "--help"]).output
    assert "Example" in helped
