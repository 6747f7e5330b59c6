"""`liftrounds due`: when an elevator must be seen next, and why; or what is due."""

from __future__ import annotations

import sys
from datetime import datetime

import click
import msgspec

from backend.cli import EXIT_FINDING, run_with_database
from backend.errors import NotFound
from backend.paging import MAX_LIMIT
from backend.scope import SYSTEM
from backend.upkeep.views import DueFilter, DuePage, ReceiptView


@click.command()
@click.argument("elevator", required=False)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="List what is due by this day.")
@click.option("--overdue", is_flag=True, help="List only what is overdue.")
@click.option("--district", help="List only this district.")
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=100, show_default=True, help="Lines of the list.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the tables.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text for people.")
def due(
    elevator: str | None, until: datetime | None, overdue: bool, district: str | None, limit: int, lang: str, as_json: bool
) -> None:
    """Say when ELEVATOR must be seen next, which class of maintenance is due, and why.

    ELEVATOR is its registration code, rescue code or id. The receipt names every limit with its clause and source; the
    first line of the table is the one that binds. Without ELEVATOR, what is due is listed, most urgent first.

    Exit code 1 means that something is overdue, 2 that there is no such elevator.

    \b
    Examples:
      liftrounds due 31103310022015030001
      liftrounds due --overdue
      liftrounds due --until 2026-12-05 --json
    """
    from backend.upkeep import printing

    if elevator is None:
        wanted = DueFilter(until=until.date() if until else None, overdue=overdue, district=district)
        page = run_with_database(lambda: _listed(wanted, limit))
        click.echo(_json(page) if as_json else printing.page(page, lang), nl=as_json)
        sys.exit(EXIT_FINDING if page.overdue else 0)
    if until is not None or overdue or district is not None:
        raise click.UsageError("--until, --overdue and --district list elevators: leave them out, or leave ELEVATOR out")
    view = run_with_database(lambda: _receipt(elevator))
    click.echo(_json(view) if as_json else printing.receipt(view, lang), nl=as_json)
    sys.exit(EXIT_FINDING if view.overdue else 0)


async def _listed(wanted: DueFilter, limit: int) -> DuePage:
    from backend.upkeep import service

    summary = await service.recompute_stale(SYSTEM)
    for line in summary.failed:
        click.secho(f"no due window: {line}", fg="red", err=True)
    return await service.due_list(SYSTEM, wanted, limit=limit)


async def _receipt(text: str) -> ReceiptView:
    from backend.registry.service import find_elevator
    from backend.upkeep import service

    try:
        found = await find_elevator(SYSTEM, text)
    except NotFound as error:
        known = (
            "there is no elevator with the id, registration code or rescue code {text}; `liftrounds due` lists those there are"
        )
        raise NotFound(known, text=text[:60]) from error
    return await service.receipt(SYSTEM, found.id)


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
