"""`liftrounds phones` as people type it, and the check of what is stored."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from click.testing import CliRunner, Result

from backend import database, keyfile
from backend.cli import liftrounds
from backend.phones import checking
from backend.scope import SYSTEM
from backend.settings import Settings
from qr.chain import beacon, handover
from tests.support.handset import Handset


def run(settings: Settings, *arguments: str) -> Result:
    environment = {"LIFTROUNDS_DATA_DIR": str(settings.data_dir), "LIFTROUNDS_DATABASE_URL": settings.database_url or ""}
    return CliRunner().invoke(liftrounds, list(arguments), env=environment)


def test_rotated_and_retired_keys_still_verify_what_they_signed(settings: Settings) -> None:
    before = keyfile.beacon_keys(settings)
    token = beacon.issue(5, before)
    assert "newest 1" in run(settings, "phones", "rotate", "beacon").output
    assert "retired [0]" in run(settings, "phones", "rotate", "beacon", "--retire", "0").output
    after = keyfile.beacon_keys(settings)
    assert beacon.read(token, after.public) == 5
    assert beacon.read(beacon.issue(6, after), after.public) == 6
    assert after.public[0].text in run(settings, "phones", "keys").output
    (settings.data_dir / keyfile.BEACON_KEYS).unlink()


def test_the_newest_key_is_not_retired(settings: Settings) -> None:
    done = run(settings, "phones", "rotate", "handover", "--retire", "0")
    assert done.exit_code != 0
    assert not any(key.retired for key in keyfile.handover_keys(settings).keys)


def test_a_newer_hand_over_key_is_given_out_and_the_older_one_opens(settings: Settings) -> None:
    before = handover.public_jwk(keyfile.handover_keys(settings))
    assert run(settings, "phones", "rotate", "handover").exit_code == 0
    keys = keyfile.handover_keys(settings)
    assert [key.epoch for key in keys.keys] == [0, 1]
    assert handover.public_jwk(keys) != before
    (settings.data_dir / keyfile.HANDOVER_KEYS).unlink()


def test_no_secret_is_printed_or_shown(settings: Settings) -> None:
    for keys in (keyfile.beacon_keys(settings), keyfile.handover_keys(settings)):
        secret = keys.keys[0].secret
        told = repr(keys) + run(settings, "phones", "keys").output + str(keys.keys[0])
        assert secret.hex() not in told
        assert repr(secret)[2:-1] not in told


async def test_an_untouched_store_has_no_faults(phone: Handset) -> None:
    await phone.send(*[phone.note(minute) for minute in range(4)])
    (told,) = await checking.check(SYSTEM)
    assert (told.entries, told.faults) == (4, ())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            "UPDATE chain_entry SET payload = convert_to(replace(convert_from(payload, 'UTF8'), 'work', 'word'), 'UTF8')"
            " WHERE seq = 2",
            "hash",
        ),
        ("UPDATE chain_entry SET signature = decode(repeat('ab', 64), 'hex') WHERE seq = 3", "signature"),
        ("UPDATE chain_entry SET visit = gen_random_uuid() WHERE seq = 1", "columns"),
        ("DELETE FROM chain_link WHERE seq = 2", "follow"),
        ("UPDATE phone SET head_seq = 9", "noted as 9"),
    ],
)
async def test_a_change_past_the_application_is_found(phone: Handset, db: str, change: str, fault: str) -> None:
    """As somebody with the database's own password could make it."""
    await phone.send(*[phone.note(minute) for minute in range(4)])
    owner = await database.lone_connection(db)
    try:
        for table in ("chain_entry", "chain_link"):
            await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER written_once")
        await owner.execute(change)
        for table in ("chain_entry", "chain_link"):
            await owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER written_once")
    finally:
        await owner.close()
    (told,) = await checking.check(SYSTEM)
    assert any(fault in line for line in told.faults), told.faults


async def test_the_commands_list_revoke_and_check(
    phone: Handset, settings: Settings, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command opens the database for itself."""
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIFTROUNDS_DATABASE_URL", db)
    await phone.send(phone.note(1))

    async def command(*arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "backend.cli", "phones", *arguments, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        return output.decode()

    assert [one["id"] for one in json.loads(await command("list", "--json"))] == [str(phone.id)]
    assert "is revoked" in await command("revoke", str(phone.id), "--reason", "lost")
    assert "revoked: lost" in await command("list")
    assert "1 phones, 1 entries checked, 0 phones with faults" in await command("check")
