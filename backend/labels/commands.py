"""`liftrounds labels`: mint, print, claim, revoke and replace printed codes at the terminal."""

from __future__ import annotations

from uuid import UUID

import click
import msgspec

from backend.labels import service
from backend.labels.epoch_commands import EPOCH_COMMANDS
from backend.labels.printing_commands import PRINTING_COMMANDS
from backend.labels.terminal import (
    ZONES,
    counted,
    elevator_of,
    firm_option,
    json_option,
    run,
    tell,
    tell_json,
    tell_one,
    zone_of,
    zone_option,
)
from backend.labels.views import EndedBatch, LabelFilter, LabelState, LabelView, LabelZone
from backend.scope import Scope
from backend.settings import Settings
from qr import symbol
from qr.keys import KeyRing

_STATES = [state.value for state in LabelState]


@click.group()
def labels() -> None:
    """Mint, print, claim, revoke and replace the printed codes of elevators.

    \b
    A usual order of things:
      liftrounds labels mint --missing          a label for every elevator that has none
      liftrounds labels print labels.pdf        all of them on label sheets
      liftrounds labels notice notices.pdf      the A6 notices for the cars
      liftrounds labels mint --count 40         blank labels, to be claimed on site
      liftrounds labels claim 8KQ3T-4ZVXA-BC0D7 --elevator 31103310022015030001
      liftrounds labels mint --missing --zone pit    a second label for every pit

      liftrounds labels print roll.zpl          the same for a Zebra printer
      liftrounds labels end-batch BATCH         a batch that was made by mistake
      liftrounds labels rotate                  a newer key; printed labels stay valid

    Codes are taken as they are scanned or typed: the whole link, the code, the short code, in any case.
    """


for command in (*PRINTING_COMMANDS, *EPOCH_COMMANDS):
    labels.add_command(command)


@labels.command()
@firm_option
@click.option("--count", type=click.IntRange(1, service.LARGEST_BATCH), help="So many blank labels.")
@click.option("--elevator", "elevators", multiple=True, metavar="CODE", help="One label for this elevator; may be repeated.")
@click.option("--missing", is_flag=True, help="One label for every elevator (of those named) that has no active one.")
@click.option("--batch", type=click.UUID, help="Name of the batch: the same name again mints nothing new.")
@zone_option
@json_option
def mint(
    firm: str | None,
    count: int | None,
    elevators: tuple[str, ...],
    missing: bool,
    batch: UUID | None,
    zone: str | None,
    as_json: bool,
) -> None:
    """Mint blank labels, or labels for elevators.

    \b
    Examples:
      liftrounds labels mint --count 40
      liftrounds labels mint --elevator 31103310022015030001
      liftrounds labels mint --missing --json
      liftrounds labels mint --count 21 --zone machine_room
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> list[LabelView]:
        named = [await elevator_of(scope, text) for text in elevators]
        place = zone_of(zone) or LabelZone.CAR
        return await service.mint(scope, ring, count or 0, elevators=named, only_missing=missing, batch=batch, zone=place)

    minted = run(firm, work)
    tell(minted, as_json)
    if minted:
        click.echo(f"{counted(len(minted))}, batch {minted[0].batch}", err=True)
    else:
        click.echo("nothing to mint: every elevator has an active label", err=True)


@labels.command()
@click.argument("code_text", metavar="CODE")
@click.option("--elevator", required=True, metavar="CODE", help="Registration code, rescue code or id.")
@zone_option
@firm_option
@json_option
def claim(code_text: str, elevator: str, zone: str | None, firm: str | None, as_json: bool) -> None:
    """Bind a blank label to an elevator.

    \b
    Example:
      liftrounds labels claim 8KQ3T-4ZVXA-BC0D7 --elevator 310234
      liftrounds labels claim 8KQ3T-4ZVXA-BC0D7 --elevator 310234 --zone pit
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> LabelView:
        return await service.claim(scope, ring, code_text, await elevator_of(scope, elevator), zone_of(zone))

    tell_one(run(firm, work), as_json)


@labels.command()
@click.argument("code_text", metavar="CODE")
@click.argument("where", metavar="ZONE", type=click.Choice(ZONES))
@firm_option
@json_option
def zone(code_text: str, where: str, firm: str | None, as_json: bool) -> None:
    """Say where a label hangs: car, machine_room, car_top or pit; print it again, its old place stands on it.

    \b
    Example:
      liftrounds labels zone 8KQ3T-4ZVXA-BC0D7 machine_room
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> LabelView:
        found = await service.find_label(scope, ring, code_text)
        return await service.set_zone(scope, ring, found.id, zone_of(where) or LabelZone.CAR)

    tell_one(run(firm, work), as_json)


@labels.command()
@click.argument("code_text", metavar="CODE")
@click.option("--reason", required=True, help="Why, such as: scratched, stolen, wrong car.")
@firm_option
@json_option
def revoke(code_text: str, reason: str, firm: str | None, as_json: bool) -> None:
    """End a label: its code opens nothing any more.

    \b
    Example:
      liftrounds labels revoke 8KQ3T-4ZVXA-BC0D7 --reason scratched
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> LabelView:
        return await service.revoke(scope, ring, (await service.find_label(scope, ring, code_text)).id, reason)

    tell_one(run(firm, work), as_json)


@labels.command()
@click.argument("code_text", metavar="CODE")
@click.option("--with", "new_code", metavar="CODE", help="The label that takes its place; without it one is minted.")
@firm_option
@json_option
def replace(code_text: str, new_code: str | None, firm: str | None, as_json: bool) -> None:
    """End an elevator's label and put another in its place.

    \b
    Example:
      liftrounds labels replace 8KQ3T-4ZVXA-BC0D7 --with 7M2AA-0PQRS-TV1W9
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> LabelView:
        return await service.replace(scope, ring, (await service.find_label(scope, ring, code_text)).id, new_code)

    tell_one(run(firm, work), as_json)


@labels.command("list")
@firm_option
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--elevator", metavar="CODE", help="Only those of this elevator.")
@click.option("--batch", type=click.UUID, help="Only those of this batch.")
@click.option("--text", help="Part of a code, of the elevator's numbers, or of the site's name.")
@zone_option
@json_option
def list_(
    firm: str | None,
    state: str | None,
    elevator: str | None,
    batch: UUID | None,
    text: str | None,
    zone: str | None,
    as_json: bool,
) -> None:
    """List labels, newest first.

    \b
    Example:
      liftrounds labels list --state blank
    """

    async def work(scope: Scope, ring: KeyRing, _settings: Settings) -> list[LabelView]:
        wanted = LabelFilter(
            state=LabelState(state) if state else None,
            elevator=await elevator_of(scope, elevator) if elevator else None,
            batch=batch,
            text=text,
            zone=zone_of(zone),
        )
        return await service.all_labels(scope, ring, wanted)

    found = run(firm, work)
    tell(found, as_json)
    click.echo(counted(len(found)), err=True)


@labels.command()
@firm_option
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="So many of the latest.")
@json_option
def batches(firm: str | None, limit: int, as_json: bool) -> None:
    """List the latest batches, to print one again or to end it.

    \b
    Example:
      liftrounds labels batches
    """
    found = run(firm, lambda scope, _ring, _settings: service.batches(scope, limit))
    if as_json:
        tell_json(found)
        return
    for row in found:
        click.echo(f"{row.batch}  {row.created_at:%Y-%m-%d %H:%M}  {row.blank} blank, {row.active} active, {row.ended} ended")
    click.echo(f"{len(found)} batches", err=True)


@labels.command("end-batch")
@click.argument("batch", type=click.UUID)
@click.option("--reason", required=True, help="Why, such as: misprinted, lost sheet.")
@click.option("--active", "with_active", is_flag=True, help="Also labels made for elevators; those claimed on site stay.")
@firm_option
@json_option
def end_batch(batch: UUID, reason: str, with_active: bool, firm: str | None, as_json: bool) -> None:
    """Undo a batch: end its labels that nobody has claimed on site.

    \b
    Examples:
      liftrounds labels end-batch 3f0c… --reason misprinted
      liftrounds labels end-batch 3f0c… --reason "wrong register" --active
    """

    async def work(scope: Scope, _ring: KeyRing, _settings: Settings) -> EndedBatch:
        return await service.end_batch(scope, batch, reason, with_active=with_active)

    done = run(firm, work)
    if as_json:
        tell_json(done)
    else:
        click.echo(f"{counted(done.ended)} ended, {done.left} left in use")


@labels.command()
@click.argument("code_text", metavar="CODE")
@firm_option
@click.option("--no-colour", is_flag=True, help="Without ANSI colours: for a dark terminal that shows none.")
def show(code_text: str, firm: str | None, no_colour: bool) -> None:
    """Show a label's code on the screen, so that a phone can scan it.

    \b
    Example:
      liftrounds labels show 8KQ3T-4ZVXA-BC0D7
    """

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> tuple[LabelView, symbol.Symbol]:
        view = await service.find_label(scope, ring, code_text)
        return view, await service.symbol_of(scope, ring, settings, view.id)

    view, drawn = run(firm, work)
    click.echo(symbol.terminal_text(drawn, colour=not no_colour), color=not no_colour)
    click.echo(drawn.payload)
    tell([view], as_json=False)


@labels.command()
@firm_option
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="So many days back, today included.")
@json_option
def refused(firm: str | None, days: int, as_json: bool) -> None:
    """List how often codes of this firm's labels were refused, per day and reason.

    \b
    Example:
      liftrounds labels refused --days 7
    """
    counts = run(firm, lambda scope, _ring, _settings: service.refused(scope, days))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(counts), indent=2).decode())
        return
    for row in counts:
        click.echo(f"{row.day}  {row.reason.value:<12}  {row.code_id or '-':<8}  {row.times}")
    click.echo(f"{sum(row.times for row in counts)} refusals", err=True)
