"""`liftrounds labels` at the terminal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner, Result

from backend import database
from backend.cli import liftrounds, main
from backend.settings import Settings
from tests.support.factory import Factory

REGISTRATION = "31103310022015030001"


class Terminal:
    """Runs commands as somebody at the terminal does."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(liftrounds, ["labels", *arguments])
        assert done.exit_code == code, f"{done.exit_code}: {done.output}{done.exception!r}"
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)


async def _fill(settings: Settings) -> None:
    async with database.opened(settings):
        factory = Factory()
        firm = await factory.firm(name="Anda Elevators")
        await factory.elevator(firm, registration_code=REGISTRATION, rescue_code="310234")
        await factory.elevator(firm, registration_code="31103310022015030002", rescue_code="310235")


@pytest.fixture
def terminal(clean_database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of an installation with one firm and two elevators."""
    monkeypatch.setattr(database, "release_embedded", lambda: None)  # the tests' server lives in this process too
    asyncio.run(_fill(settings))
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIFTROUNDS_DATABASE_URL", clean_database)
    monkeypatch.setenv("LIFTROUNDS_PUBLIC_URL", "https://lift.example")
    return Terminal(settings)


def codes_in(pdf: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pdf.read_bytes())
    try:
        return sorted(
            c.text for page in document for c in zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil().convert("L"))
        )
    finally:
        document.close()


def test_a_day_with_labels(terminal: Terminal, tmp_path: Path) -> None:
    """Mint, print, notice, claim, show, replace, revoke, list, in one installation."""
    minted = terminal.json("mint", "--missing")
    assert sorted(label["registration_code"] for label in minted) == [REGISTRATION, "31103310022015030002"]
    assert terminal.run("mint", "--missing").stdout == ""
    [blank] = terminal.json("mint", "--count", "1")

    sheet = tmp_path / "labels.pdf"
    terminal.run("print", str(sheet), "--stock", "L7163", "--start", "3")
    assert codes_in(sheet) == sorted(f"HTTPS://LIFT.EXAMPLE/E/{label['code']}" for label in [*minted, blank])
    terminal.run("print", str(sheet), "--state", "blank")
    assert codes_in(sheet) == [f"HTTPS://LIFT.EXAMPLE/E/{blank['code']}"]
    terminal.run("print", str(sheet), "--code", minted[0]["short_code"])
    assert codes_in(sheet) == [f"HTTPS://LIFT.EXAMPLE/E/{minted[0]['code']}"]

    notices = tmp_path / "notices.pdf"
    terminal.run("notice", str(notices))
    assert len(codes_in(notices)) == 2
    terminal.run("notice", str(notices), "--elevator", "310234")
    assert len(codes_in(notices)) == 1

    claimed = terminal.json("claim", blank["short_code"].lower(), "--elevator", REGISTRATION)
    assert (claimed["state"], claimed["registration_code"]) == ("active", REGISTRATION)
    shown = terminal.run("show", blank["code"], "--no-colour").stdout
    assert "▄" in shown
    assert f"HTTPS://LIFT.EXAMPLE/E/{blank['code']}" in shown
    new = terminal.json("replace", blank["code"])
    assert (new["state"], new["registration_code"]) == ("active", REGISTRATION)
    revoked = terminal.json("revoke", new["code"], "--reason", "stolen")
    assert (revoked["state"], revoked["state_reason"]) == ("revoked", "stolen")
    assert [label["code"] for label in terminal.json("list", "--state", "revoked")] == [new["code"]]
    assert len(terminal.json("list", "--elevator", REGISTRATION)) == 3
    listed = terminal.run("list", "--text", "310235")
    assert listed.stdout.count("\n") == 1
    terminal.run("claim", new["code"], "--elevator", REGISTRATION, code=2)
    assert [(row["reason"], row["times"]) for row in terminal.json("refused")] == [("revoked", 1)]


def test_wrong_use_ends_with_2_and_says_what_to_do(terminal: Terminal, tmp_path: Path) -> None:
    assert "give a number of blank labels" in terminal.run("mint", code=2).output
    assert "name one of the firms: Anda Elevators" in terminal.run("mint", "--count", "1", "--firm", "Other", code=2).output
    assert "compare with the label" in terminal.run("revoke", "8KQ3T-4ZVXA-BC0D1", "--reason", "x", code=2).output
    terminal.run("mint", "--count", "0", code=2)
    terminal.run("print", str(tmp_path / "none.pdf"), code=2)
    assert not (tmp_path / "none.pdf").exists()
    terminal.run("mint", "--count", "1", "--firm", "anda elevators")
    terminal.run("print", str(tmp_path / "x.pdf"), "--start", "99", code=2)


def test_a_pdf_that_cannot_be_written_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["labels", "calibrate", str(tmp_path / "no" / "such" / "folder.pdf")])
    assert ended.value.code == 2
    assert "name a file that can be written" in capsys.readouterr().err


def test_a_calibration_page_needs_no_database(tmp_path: Path) -> None:
    done = CliRunner().invoke(liftrounds, ["labels", "calibrate", str(tmp_path / "c.pdf"), "--stock", "5160"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF-")
    assert CliRunner().invoke(liftrounds, ["labels", "calibrate", "c.pdf", "--stock", "9999"]).exit_code == 2


def test_every_command_s_help_shows_an_example() -> None:
    names = ["mint", "print", "notice", "claim", "revoke", "replace", "list", "calibrate", "show", "refused"]
    for name in names:
        shown = CliRunner().invoke(liftrounds, ["labels", name, "--help"])
        assert shown.exit_code == 0
        assert f"liftrounds labels {name}" in shown.output
