"""`liftrounds verify` and `liftrounds log` as people type them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result

from backend.cli import liftrounds
from backend.settings import Settings
from qr.log import bundle, checkpoint, keys
from tests.support.logged import RING, bundled
from tests.support.visits import Workplace, value


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(liftrounds, list(arguments), input=given)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.json"
    path.write_bytes(bundle.encode(bundled()))
    return path


def test_a_good_bundle_ends_with_0_and_says_what_holds(file: Path) -> None:
    done = run("verify", str(file), "--key", RING.public[0].text)
    assert done.exit_code == 0
    assert "stands in the log" in done.output
    assert done.output.count("ok  ") == 6
    assert "came with the bundle" not in done.output


def test_without_a_key_it_is_said_that_the_key_came_with_the_bundle(file: Path) -> None:
    assert "This key came with the bundle" in run("verify", str(file)).output


def test_a_changed_byte_ends_with_1_and_says_what_does_not_hold(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"1.5", b"1.6", 1))
    done = run("verify", str(file))
    assert done.exit_code == 1
    assert "BAD The record's content does not fit its hash: it was changed" in done.output


def test_another_key_ends_with_1(file: Path) -> None:
    other = keys.generate(lambda length: b"o" * length)
    assert run("verify", str(file), "--key", other.public[0].text).exit_code == 1


def test_a_file_of_keys_may_have_several_lines_and_remarks(file: Path, tmp_path: Path) -> None:
    other = keys.generate(lambda length: b"o" * length)
    published = tmp_path / "keys.txt"
    published.write_text(f"# of the authority\n{other.public[0].text}\n\n{RING.public[0].text}\n")
    assert run("verify", str(file), "--key", str(published)).exit_code == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_ends_with_2(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(content)
    done = run("verify", str(path), "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["valid"] is False
    assert "Traceback" not in done.output


@pytest.mark.parametrize("key", ["x", "missing.txt", "a+b+c"])
def test_a_key_that_is_none_ends_with_2(file: Path, key: str) -> None:
    assert run("verify", str(file), "--key", key).exit_code == 2


def test_a_missing_file_ends_with_2() -> None:
    assert run("verify", "no-such-file.json").exit_code == 2


def test_json_has_every_step_for_scripts(file: Path) -> None:
    told = json.loads(run("verify", str(file), "--json").stdout)
    assert told["valid"] is True
    assert [step["name"] for step in told["steps"]] == ["record", "commitment", "agreement", "public", "inclusion", "signature"]
    assert told["statement"]["elevator"] == bundled().public.statement.elevator


def test_the_standard_input_is_read() -> None:
    content = bundle.encode(msgspec.structs.replace(bundled(), record=None))
    assert run("verify", "-", given=content).exit_code == 0


async def test_the_log_at_the_terminal(place: Workplace, settings: Settings, db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Append, status, check, keys and rotation; each command opens the database for itself."""
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIFTROUNDS_DATABASE_URL", db)
    await place.finish()

    async def command(*arguments: str, code: int = 0) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "backend.cli", "log", *arguments, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert process.returncode == code
        return output.decode()

    assert await command("append") == "1 records appended\n"
    assert "1 records, signed" in await command("status")
    assert "1 records checked" in await command("check")
    assert "nothing is forked" in await command("accept-restore", "--reason", "disk failed")
    before = (await command("keys")).splitlines()
    await command("rotate")
    after = (await command("keys")).splitlines()
    assert after[1:] == before
    await command("rotate", "--retire", "0")
    told = json.loads(await command("status", "--json"))
    assert checkpoint.unverified(told["checkpoint"]["note"]).size == 1
    await command("rotate", "--retire", "7", code=2)
    connection = await asyncpg.connect(db)
    await connection.execute("SET session_replication_role = replica; UPDATE visit_record SET sha256 = 'x'")
    await connection.close()
    visit, code = [await value(f"SELECT {one}") for one in ("id FROM visit", "registration_code FROM elevator")]
    assert f"record_changed at 0: visit {visit}, version 1, elevator {code}" in await command("check", code=1)
