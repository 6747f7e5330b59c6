"""`liftrounds labels` at the terminal."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner, Result
from PIL import Image

from backend import database
from backend.cli import liftrounds, main
from backend.labels.commands import labels as label_commands
from backend.labels.terminal import counted
from backend.settings import Settings
from tests.support.factory import Factory

REGISTRATION = "31103310022015030001"
LABEL_COMMANDS = list(label_commands.commands)


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

    assert "in its car already" in terminal.run("claim", blank["code"], "--elevator", REGISTRATION, code=2).output
    [old] = [label for label in minted if label["registration_code"] == REGISTRATION]
    terminal.run("revoke", old["code"], "--reason", "scratched")
    claimed = terminal.json("claim", blank["short_code"].lower(), "--elevator", REGISTRATION)
    assert (claimed["state"], claimed["registration_code"]) == ("active", REGISTRATION)
    shown = terminal.run("show", blank["code"], "--no-colour").stdout
    assert "▄" in shown
    assert f"HTTPS://LIFT.EXAMPLE/E/{blank['code']}" in shown
    new = terminal.json("replace", blank["code"])
    assert (new["state"], new["registration_code"]) == ("active", REGISTRATION)
    revoked = terminal.json("revoke", new["code"], "--reason", "stolen")
    assert (revoked["state"], revoked["state_reason"]) == ("revoked", "stolen")
    assert [label["code"] for label in terminal.json("list", "--state", "revoked")] == [new["code"], old["code"]]
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
    for name in LABEL_COMMANDS:
        shown = CliRunner().invoke(liftrounds, ["labels", name, "--help"])
        assert shown.exit_code == 0
        assert f"liftrounds labels {name}" in shown.output


def test_every_format_is_printed_and_told_as_json(terminal: Terminal, tmp_path: Path) -> None:
    minted = terminal.json("mint", "--count", "3")
    batch = minted[0]["batch"]
    roll = tmp_path / "roll.pdf"
    told = terminal.json("print", str(roll), "--stock", "62x100")
    assert (told["format"], told["labels"], told["pages"]) == ("pdf", 3, 3)
    assert len(codes_in(roll)) == 3
    told = terminal.json("print", str(tmp_path / "labels.zpl"), "--size", "50", "25", "--dots", "12", "--batch", batch)
    assert told["format"] == "zpl"
    assert (tmp_path / "labels.zpl").read_bytes().count(b"^PW600^LL300") == 3
    terminal.run("print", str(tmp_path / "one.svg"), "--code", minted[0]["code"])
    assert (tmp_path / "one.svg").read_text().startswith("<svg")
    terminal.run("print", str(tmp_path / "all.zip"), "--format", "png")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert sorted(archive.namelist()) == sorted(f"{label['code']}.png" for label in minted)
        pictures = [Image.open(io.BytesIO(archive.read(name))).convert("L") for name in archive.namelist()]
    assert {found.text for picture in pictures for found in zxingcpp.read_barcodes(picture)} == {
        f"HTTPS://LIFT.EXAMPLE/E/{label['code']}" for label in minted
    }
    assert "use a place on the sheet" in terminal.run("print", str(roll), "--start", "22", code=2).output
    small = terminal.run("print", str(roll), "--stock", "L4736")
    assert "The code is small" in small.output
    assert {row["name"] for row in terminal.json("stocks")} >= {
        "L7160",
        "L7163",
        "L7165",
        "L4736",
        "5160",
        "5163",
        "62",
        "62x100",
    }


def test_printers_batches_and_keys_at_the_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("printers", "--keep", "office Canon", "0.5", "-0.3")
    assert terminal.json("printers")[0]["offset_y_mm"] == -0.3
    blank, *_others = terminal.json("mint", "--count", "2")
    told = terminal.json("print", str(tmp_path / "x.pdf"), "--printer", "office Canon")
    assert (told["offset_x_mm"], told["offset_y_mm"]) == (0.5, -0.3)
    assert "office Canon" in terminal.run("print", str(tmp_path / "x.pdf"), "--printer", "other", code=2).output
    assert terminal.json("printers", "--forget", "office Canon") == []

    [active] = terminal.json("mint", "--elevator", REGISTRATION)
    assert terminal.json("rotate") == {"epoch": 1}
    assert [row["state"] for row in terminal.json("epochs")] == ["verifying", "minting"]
    would = terminal.json("retire", "0")
    assert (would["retired"], len(would["labels"])) == (False, 2)
    assert terminal.json("epochs")[0]["state"] == "verifying"
    assert len(terminal.json("retire", "0", "--yes")["labels"]) == 2
    assert terminal.json("epochs")[0]["state"] == "retired"
    assert f"HTTPS://LIFT.EXAMPLE/E/{active['code']}" in terminal.run("show", active["code"]).stdout
    terminal.run("claim", blank["code"], "--elevator", REGISTRATION, code=2)
    assert terminal.json("keep", active["code"])["kept_at"]
    terminal.run("restore", "0")
    assert "rotate first" in terminal.run("retire", "1", "--yes", code=2).output

    assert [row["labels"] for row in terminal.json("batches")] == [2]
    done = terminal.json("end-batch", blank["batch"], "--reason", "misprinted")
    assert (done["ended"], done["left"]) == (2, 0)


def test_one_label_is_one_label() -> None:
    assert [counted(0), counted(1), counted(2), counted(1, "page")] == ["0 labels", "1 label", "2 labels", "1 page"]
