"""`liftrounds log`: the tamper-evident log at the terminal."""

from __future__ import annotations

import secrets
import sys
from typing import Any

import click
import msgspec

from backend import keyfile
from backend.cli import EXIT_FINDING, run_with_database
from backend.recordlog import service
from backend.recordlog.views import CheckView, LogState
from backend.settings import read_settings
from qr.log import keys as key_file


@click.group()
def log() -> None:
    """Follow, check and sign the tamper-evident log of finished records."""


@log.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def status(as_json: bool) -> None:
    """Say how long the log is, what waits, and what the last check found.

    \b
    Example:
      liftrounds log status
    """
    state: LogState = run_with_database(service.state)
    if as_json:
        click.echo(msgspec.json.encode(state).decode())
        return
    signed = "nothing is signed yet" if state.checkpoint is None else f"signed {state.checkpoint.signed_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{state.size} records, {signed}; {state.waiting} wait")
    if state.check is not None:
        click.echo(f"last checked {state.check.at:%Y-%m-%d %H:%M} UTC: {state.check.found} contradictions")


@log.command()
def append() -> None:
    """Append what waits and sign; the worker does the same after every visit.

    \b
    Example:
      liftrounds log append
    """
    settings = read_settings()
    keys = keyfile.log_keys(settings)
    click.echo(f"{run_with_database(lambda: service.append(keys, settings.data_dir))} records appended")


@log.command("accept-restore")
@click.option("--reason", required=True, help="What happened, for the audit trail: which backup, why no newer one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def accept_restore(reason: str, yes: bool) -> None:
    """Go on after an older backup was restored, with the log as it is in the database now.

    First look for a newer database: whoever kept a checkpoint of the lost records will find that the log was forked.

    \b
    Example:
      liftrounds log accept-restore --reason "disk failed, backup of 2 May" --yes
    """
    settings = read_settings()
    keys = keyfile.log_keys(settings)
    if run_with_database(lambda: service.is_sound(keys, settings.data_dir)):
        click.echo("nothing is forked: the log goes on from what was signed here last; nothing was changed")
        return
    if not yes:
        click.confirm("The records that were logged since the backup are lost. Go on without them?", abort=True)
    size = run_with_database(lambda: service.accept_restore(keys, settings.data_dir, reason))
    click.echo(f"the log goes on from {size} records; what was seen before lies beside it in {settings.data_dir}")


@log.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def check(as_json: bool) -> None:
    """Compute the whole log and all records anew, and hold them against what was signed.

    Ends with exit code 1 if something does not fit.

    \b
    Example:
      liftrounds log check
    """
    settings = read_settings()
    keys = keyfile.log_keys(settings)
    told: CheckView = run_with_database(lambda: service.check(keys, settings.data_dir))
    if as_json:
        click.echo(msgspec.json.encode(told).decode())
    else:
        click.echo(f"{told.size} records checked in {told.took_s:.1f} s, {told.found} contradictions")
        for one in told.detail:
            click.secho(f"  {_line(one)}", fg="red")
    sys.exit(EXIT_FINDING if told.found else 0)


def _line(one: dict[str, Any]) -> str:
    """Return a contradiction with its place in the log, and the record that it is about."""
    place = one["kind"] if one["index"] is None else f"{one['kind']} at {one['index']}"
    if "visit" not in one:
        return place
    return f"{place}: visit {one['visit']}, version {one['version']}, elevator {one['elevator'] or 'unknown'}"


@log.command()
def keys() -> None:
    """Print the public keys, the newest first: publish them where the server cannot change them.

    \b
    Example:
      liftrounds log keys > log-keys.txt
    """
    for key in keyfile.log_keys(read_settings()).public:
        click.echo(key.text)


@log.command()
@click.option("--retire", type=int, metavar="EPOCH", help="Let this older key sign no more, instead of making a newer one.")
def rotate(retire: int | None) -> None:
    """Make a newer key, which signs beside the older ones until they are retired.

    \b
    Example:
      liftrounds log rotate
      liftrounds log rotate --retire 0
    """
    settings = read_settings()
    before = keyfile.log_keys(settings)
    changed = key_file.rotate(before, secrets.token_bytes) if retire is None else key_file.retire(before, retire)
    keyfile.save_log_keys(settings, changed)
    run_with_database(lambda: service.sign_again(changed))
    signing = [key.epoch for key in changed.keys if not key.retired]
    click.echo(f"keys that sign: {', '.join(map(str, signing))}; the public ones: liftrounds log keys")
