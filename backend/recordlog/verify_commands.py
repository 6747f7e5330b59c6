"""`liftrounds verify`: checks a bundle without a database, a network or trust in whoever sent it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from backend.cli import EXIT_FINDING, EXIT_WRONG_USE
from qr.log import bundle, note
from qr.log.bundle import Report
from qr.log.errors import BundleError, NoteError
from qr.log.note import Verifier


@click.command()
@click.argument("file", metavar="BUNDLE", type=click.File("rb"))
@click.option(
    "--key", "keys", multiple=True, metavar="KEY", help="A public key of the log (NAME+ID+KEY), or a file of such lines."
)
@click.option("--json", "as_json", is_flag=True, help="What was checked as JSON, for scripts.")
def verify(file: BinaryIO, keys: tuple[str, ...], as_json: bool) -> None:
    """Check that a record stands in the log, unchanged.

    BUNDLE is a file that the office, the owner or the elevator's public page saved; - reads the standard input. Without --key
    the key in the bundle is used, which whoever made the bundle could have chosen: compare it with the published one.

    Exit codes: 0 it holds, 1 it does not, 2 it cannot be read.

    \b
    Example:
      liftrounds verify visit-2026-11-26.json --key log-keys.txt
    """
    try:
        found = bundle.read(file.read(bundle.LARGEST_BYTES + 1))
        known = _known(keys)
    except (BundleError, NoteError) as error:
        _refuse(error.text.en, as_json)
        return
    except OSError as error:
        _refuse(f"{error.filename or 'the key file'}: {error.strerror}.", as_json)
        return
    report = bundle.check(found, known)
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        _tell(report)
    sys.exit(0 if report.valid else EXIT_FINDING)


def _refuse(reason: str, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode({"valid": False, "unreadable": reason}).decode())
    click.secho(f"Error: {reason}", fg="red", err=True)
    sys.exit(EXIT_WRONG_USE)


def _known(given: tuple[str, ...]) -> list[Verifier] | None:
    """Return the keys that were given, as texts or in files; None where there are none."""
    if not given:
        return None
    lines = []
    for one in given:
        looks_like_key = one.count("+") >= 2 and not Path(one).exists()
        lines += [one] if looks_like_key else Path(one).read_text(encoding="utf-8", errors="replace").splitlines()
    return [note.verifier_of(line) for line in lines if line.strip() and not line.startswith("#")]


def _tell(report: Report) -> None:
    said = report.statement
    click.echo(f"elevator {said.elevator}, {said.day}, {said.maintenance_class}, version {said.version} of visit {said.visit}")
    if not said.counts:
        click.echo("this version says that the visit does not count")
    for step in report.steps:
        click.secho("ok  " if step.ok else "BAD ", fg="green" if step.ok else "red", nl=False)
        click.echo(step.text.en)
    if report.valid:
        click.secho(
            f"The record stands in the log {report.origin} as number {report.index} of {report.size}, unchanged.", bold=True
        )
        for key in report.signed_by:
            click.echo(f"signed with {key}")
        if report.key_from_bundle:
            click.echo("This key came with the bundle. To be sure, give the published one with --key.")
    else:
        click.secho("The record does not hold.", fg="red", bold=True)
