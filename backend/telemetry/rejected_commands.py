"""`liftrounds telemetry`: what was not accepted, replaying it, and how far the data of monitors can be relied on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from uuid import UUID

import click
import msgspec

from backend.cli import EXIT_FINDING, run_with_database
from backend.paging import MAX_LIMIT
from backend.scope import SYSTEM
from backend.telemetry.health_views import HealthFilter, HealthPage
from backend.telemetry.views import ReasonCount, RejectedFilter, RejectedView, ReplayResult

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text for people.")
_DEVICE = click.option("--device", type=click.UUID, help="Only of this device (its id).")
_REASON = click.option("--reason", metavar="TEMPLATE", help="Only this reason, as `--counts --json` gives its template.")
_ADAPTER = click.option("--adapter", help="Only messages of this format.")
_SOURCE = click.option("--source", help="Only what came this way: http, mqtt, file, history.")


@click.group()
def telemetry() -> None:
    """Say what telemetry was not accepted, replay it, and say how far the data can be relied on."""


@telemetry.command()
@_DEVICE
@_REASON
@_ADAPTER
@_SOURCE
@click.option("--state", type=click.Choice(["open", "taken", "all"]), default="open", show_default=True)
@click.option("--counts", is_flag=True, help="Count by reason instead of listing.")
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=100, show_default=True, help="Lines of the list.")
@_JSON
def rejected(
    device: UUID | None, reason: str | None, adapter: str | None, source: str | None, state: str, counts: bool, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """List what was not accepted, the latest first, with field, value, reason and way out.

    Exit code 1 means that there is something.

    \b
    Examples:
      liftrounds telemetry rejected --counts
      liftrounds telemetry rejected --source mqtt --limit 20
    """
    wanted = RejectedFilter(
        device=device, template=reason, adapter=adapter, source=source, state=None if state == "all" else state
    )
    if counts:
        reasons = run_with_database(lambda: _counted(wanted))
        click.echo(_json(reasons) if as_json else "\n".join(map(_count_line, reasons)) or "nothing was refused")
        sys.exit(EXIT_FINDING if reasons else 0)
    rows = run_with_database(lambda: _listed(wanted, limit))
    click.echo(_json(rows) if as_json else "\n".join(map(_line, rows)) or "nothing was refused")
    sys.exit(EXIT_FINDING if rows else 0)


@telemetry.command()
@click.argument("ids", type=click.IntRange(0, 2**63 - 1), nargs=-1)
@_DEVICE
@_REASON
@_ADAPTER
@_SOURCE
@click.option("--all", "everything", is_flag=True, help="Everything that is open.")
@_JSON
def replay(
    ids: tuple[int, ...], device: UUID | None, reason: str | None, adapter: str | None, source: str | None, everything: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Take in again what was not accepted: IDS, or all that fits, after what stood in its way was put right.

    Nothing counts twice. Exit code 1 means that something is still rejected; its reason of now is printed.

    \b
    Examples:
      liftrounds telemetry replay 17 18
      liftrounds telemetry replay --device 7f0c… --source mqtt
      liftrounds telemetry replay --all
    """
    wanted = RejectedFilter(device=device, template=reason, adapter=adapter, source=source)
    if bool(ids) + (wanted != RejectedFilter()) + everything != 1:
        raise click.UsageError("say which: ids, or --device, --reason, --adapter, --source, or --all")
    done = run_with_database(lambda: _replayed(ids or wanted))
    if as_json:
        click.echo(_json(done))
    else:
        click.echo(f"{done.accepted} accepted, {done.duplicates} known already, {done.rejected} still rejected")
        for line in done.lines:
            if line.outcome == "rejected":
                click.echo(f"  {line.id}: {line.field}: {line.template.format(**line.params)}")
        if done.left:
            click.echo(f"{done.left} more fit: replay again")
    sys.exit(EXIT_FINDING if done.rejected else 0)


@telemetry.command()
@click.option("--state", type=click.Choice(["good", "degraded", "not_usable"]), help="Only elevators whose data is so.")
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=100, show_default=True, help="Lines of the list.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the reasons.")
@_JSON
def health(state: str | None, limit: int, lang: str, as_json: bool) -> None:
    """List elevators with a monitor by how far their data can be relied on, the worst first.

    Exit code 1 means that the data of some cannot be used.

    \b
    Examples:
      liftrounds telemetry health --state not_usable
    """
    page = run_with_database(lambda: _healthy(HealthFilter(state=state), limit))
    if as_json:
        click.echo(_json(page))
    else:
        click.echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in page.counts.items()))
        for row in page.rows:
            share = "–" if row.online_share is None else f"{row.online_share:.1%}"
            why = "; ".join(reason.text.zh if lang == "zh" else reason.text.en for reason in row.reasons)
            click.echo(f"{row.registration_code}  {row.state:10}  online {share:>6}  {why}".rstrip())
    sys.exit(EXIT_FINDING if page.counts["not_usable"] else 0)


async def _counted(wanted: RejectedFilter) -> list[ReasonCount]:
    from backend.telemetry import service

    return await service.reason_counts(SYSTEM, wanted)


async def _listed(wanted: RejectedFilter, limit: int) -> list[RejectedView]:
    from backend.telemetry import service

    return (await service.rejected_records(SYSTEM, wanted, limit=limit)).rows


async def _replayed(wanted: RejectedFilter | Sequence[int]) -> ReplayResult:
    from backend.telemetry import service

    return await service.replay(SYSTEM, wanted)


async def _healthy(wanted: HealthFilter, limit: int) -> HealthPage:
    from backend.telemetry import service

    return await service.health_list(SYSTEM, wanted, limit=limit)


def _count_line(one: ReasonCount) -> str:
    return f"{one.records:>6}  {one.template.format(**one.params)}"


def _line(row: RejectedView) -> str:
    template, params = (row.now_template, row.now_params) if row.now_template else (row.template, row.params)
    who = row.device_name or row.topic or ("nobody's" if row.firm is None else "–")
    begin = f"{row.id}  {row.received_at:%Y-%m-%d %H:%M}Z  {row.source}  {who}"
    return f"{begin}  {row.now_field or row.field}: {template.format(**params)}"


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
