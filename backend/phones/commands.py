"""`liftrounds phones`: technicians' phones at the terminal."""

from __future__ import annotations

import secrets
import sys
from uuid import UUID

import click
import msgspec

from backend import keyfile
from backend.cli import EXIT_FINDING, run_with_database
from backend.phones import checking, service
from backend.phones.checking import Checked
from backend.phones.views import PhoneView
from backend.scope import SYSTEM
from backend.settings import read_settings
from qr.chain import handover
from qr.log import keys as key_file

BEACON, HANDOVER = "beacon", "handover"


@click.group()
def phones() -> None:
    """List and revoke technicians' phones, check what they signed, rotate the keys that phones rely on."""


@phones.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def list_phones(as_json: bool) -> None:
    """List the phones of all firms.

    \b
    Example:
      liftrounds phones list
    """
    found: list[PhoneView] = run_with_database(lambda: service.phones(SYSTEM))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for one in found:
        state = f"revoked: {one.revoked_reason}" if one.revoked_at else "in use"
        click.echo(f"{one.id}  {one.technician_name}  {one.name}  {one.entries} entries  {state}")


@phones.command()
@click.argument("phone", type=click.UUID)
@click.option("--reason", required=True, help="Why: lost, stolen, sold.")
def revoke(phone: UUID, reason: str) -> None:
    """Trust a phone no more; what it sends from now on is kept for review.

    \b
    Example:
      liftrounds phones revoke 5b1c1f6e-9d0a-4b57-8a3e-0c6f2d7e4a11 --reason "lost in the pit"
    """
    one: PhoneView = run_with_database(lambda: service.revoke(SYSTEM, phone, reason))
    click.echo(f"{one.name} of {one.technician_name} is revoked")


@phones.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def check(as_json: bool) -> None:
    """Check all stored entries anew: hashes, signatures, links.

    Ends with exit code 1 if something was changed.

    \b
    Example:
      liftrounds phones check
    """
    found: list[Checked] = run_with_database(lambda: checking.check(SYSTEM))
    wrong = [one for one in found if one.faults]
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        for one in wrong:
            for fault in one.faults:
                click.secho(f"{one.phone} {one.name}: {fault}", fg="red")
        click.echo(f"{len(found)} phones, {sum(one.entries for one in found)} entries checked, {len(wrong)} phones with faults")
    sys.exit(EXIT_FINDING if wrong else 0)


@phones.command()
def keys() -> None:
    """Print the public keys of server times, the newest first: whoever checks a chain elsewhere needs them.

    \b
    Example:
      liftrounds phones keys
    """
    for key in keyfile.beacon_keys(read_settings()).public:
        click.echo(key.text)


@phones.command()
@click.argument("use", type=click.Choice([BEACON, HANDOVER]))
@click.option("--retire", type=int, metavar="EPOCH", help="Retire this older key instead of making a newer one.")
def rotate(use: str, retire: int | None) -> None:
    """Make a newer key for server times (beacon) or for hand-over files (handover).

    What older keys have signed still verifies, and files made for them still open, after they are retired too.

    \b
    Example:
      liftrounds phones rotate beacon
      liftrounds phones rotate handover --retire 0
    """
    settings = read_settings()
    before = keyfile.beacon_keys(settings) if use == BEACON else keyfile.handover_keys(settings)
    newer = key_file.rotate if use == BEACON else handover.rotate
    changed = newer(before, secrets.token_bytes) if retire is None else key_file.retire(before, retire)
    keyfile.save_log_keys(settings, changed)
    click.echo(f"{use} keys: newest {changed.keys[-1].epoch}; retired {[key.epoch for key in changed.keys if key.retired]}")
