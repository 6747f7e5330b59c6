"""`liftrounds compare`: what on-demand maintenance would change for the elevators of this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from backend.cli import run_with_database
from backend.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from planner.whatif.policies import Policy
    from planner.whatif.result import Comparison, Figure

_LINES = (
    ("visits", "Visits"),
    ("technician_hours", "Technician hours"),
    ("on_site_hours", "  of these on site"),
    ("kilometres", "Kilometres"),
    ("co2_kg", "CO2, kg"),
    ("overdue_days", "Overdue days"),
    ("late_visits", "Visits after their last day"),
    ("crew_days", "Crew-days used"),
)
_MOST_SEEDS, _MOST_WEEK_S = 20, 600.0


@click.command()
@click.option("--firm", metavar="NAME", help="Name of the firm; not needed where there is only one.")
@click.option("--days", type=click.IntRange(14, 120), default=60, show_default=True, help="Days from tomorrow on.")
@click.option("--seeds", type=click.IntRange(1, _MOST_SEEDS), default=3, show_default=True, help="Searches per policy.")
@click.option(
    "--policy",
    "packs",
    multiple=True,
    metavar="ID",
    help="A rule pack, given once for each; +paperwork behind it takes consent and filing for granted.",
)
@click.option(
    "--week-seconds",
    type=click.FloatRange(0.1, _MOST_WEEK_S),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Search for every week, the same for every policy.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def compare(firm: str | None, days: int, seeds: int, packs: tuple[str, ...], week_seconds: float, as_json: bool) -> None:
    """Maintain the same elevators with the same crews under several policies, and compare what that takes.

    Due windows follow the rules of every policy week after week, rounds are planned with the same effort, and visits count as
    made when they are planned. Longer gaps count only for elevators that fulfil the conditions of on-demand maintenance.

    Exit code 2 means that there is no such firm or policy.

    \b
    Examples:
      liftrounds compare
      liftrounds compare --policy cn-fixed-15 --policy cn-on-demand-30+paperwork --days 90 --seeds 5 --json
    """
    from planner.whatif.policies import USUAL

    policies = tuple(_policy(name) for name in packs) or USUAL
    if len({policy.id for policy in policies}) < len(policies):
        raise InvalidInput("a policy was named twice: name each once")
    found = run_with_database(lambda: _compared(firm, days, policies, seeds, week_seconds))
    click.echo(msgspec.json.encode(found).decode() if as_json else _table(found))


def _policy(name: str) -> Policy:
    from planner.intervals.rules import UnknownPackError, load_pack
    from planner.whatif.policies import Policy

    pack, _, paperwork = name.partition("+")
    if paperwork not in ("", "paperwork"):
        raise InvalidInput(
            "unknown policy", faults=[Fault("--policy", name, "use a rule pack's id, with +paperwork or without")]
        )
    try:
        on_demand = load_pack(pack).on_demand is not None
    except UnknownPackError as error:
        raise InvalidInput("unknown policy", faults=[Fault("--policy", name, str(error))]) from None
    return Policy(pack=pack, mode="on_demand" if on_demand else "fixed", paperwork="assumed" if paperwork else "as_is")


async def _compared(name: str | None, days: int, policies: tuple[Policy, ...], seeds: int, week_s: float) -> Comparison:
    from datetime import timedelta

    from backend import clock, database
    from backend.rounds import fact_queries
    from backend.rounds.comparison_queries import firms_by_name
    from backend.rounds.comparisons import asked_inside, compare
    from backend.scope import SYSTEM

    async with database.tx(SYSTEM):
        firms = await firms_by_name(name)
        if len(firms) != 1:
            known = ", ".join(sorted(await _names())) or "none"
            raise InvalidInput("name one firm", faults=[Fault("--firm", name, f"use one of: {known}")])
        start = clock.today(await fact_queries.time_zone(firms[0])) + timedelta(days=1)
        asked = await asked_inside(firms[0], start, days, policies, seeds, week_s)

    async def tell(share: float) -> bool:
        click.echo(f"\r{share:.0%} done", nl=False, err=True)
        return True

    found = await compare(asked, tell)
    click.echo(err=True)
    assert found is not None  # noqa: S101 - nobody stops it
    return found


async def _names() -> list[str]:
    from backend.rounds.comparison_queries import firm_names

    return await firm_names()


def _table(found: Comparison) -> str:
    width = max(len(result.id) for result in found.policies) + 2
    lines = [
        f"{found.elevators} elevators, {found.days} days from {found.start_date}, {found.seeds} searches each",
        " " * 30 + "".join(result.id.rjust(width) for result in found.policies),
        "Days at longer gaps".ljust(30) + "".join(f"{result.on_demand_share:.0%}".rjust(width) for result in found.policies),
    ]
    for field, label in _LINES:
        figures: list[Figure] = [getattr(result, field) for result in found.policies]
        lines.append(label.ljust(30) + "".join(_cell(figure).rjust(width) for figure in figures))
    lines.append(f"CO2: {found.co2.kg_per_km} kg/km, {found.co2.title_en}; {found.co2.source}")
    return "\n".join(lines)


def _cell(figure: Figure) -> str:
    spread = (figure.most - figure.least) / 2
    return f"{figure.mean:,.0f}" + (f" ±{spread:,.0f}" if spread >= 0.5 else "")
