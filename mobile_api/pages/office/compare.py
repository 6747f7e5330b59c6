"""What on-demand maintenance would change for the firm's own elevators: asked for, followed, read, taken away."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from msgspec import Struct

from backend.errors import Conflict, InvalidInput, LiftroundsError
from backend.overview import service as overview
from backend.rounds import comparisons
from backend.rounds.comparison_views import ComparisonState, ComparisonView
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language
from mobile_api.inputs import Asker, FromPath
from mobile_api.pages.forms import form_of, parsed, told
from mobile_api.pages.office.base import choose_first, office_page
from mobile_api.pages.office.compare_drawing import Bar, draw
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS
from planner.whatif.result import Comparison, Figure, PolicyResult

ALIVE = (ComparisonState.QUEUED, ComparisonState.RUNNING)
FIGURES = (
    "visits", "technician_hours", "on_site_hours", "kilometres", "co2_kg", "overdue_days", "late_visits", "crew_days",
)  # fmt: skip
DRAWN = ("visits", "technician_hours", "kilometres", "overdue_days")
"""What the picture shows."""


class NewComparison(Struct, frozen=True, kw_only=True):
    """What the form asks for."""

    days: int = comparisons.DEFAULT_DAYS
    seeds: int = comparisons.DEFAULT_SEEDS


class Line(NamedTuple):
    """A line of the table: what is counted, and by policy the figure and how it differs from the first."""

    name: str
    figures: list[Figure]
    changes: list[str]


@get("/office/compare", roles=OFFICE_READERS, include_in_schema=False)
async def compare_page(asker: Asker) -> Response[Any]:
    """Show the comparisons made, and the form for a new one."""
    return await _list(asker)


async def _list(asker: Scope, form: dict[str, str] | None = None, error: LiftroundsError | None = None) -> Response[Any]:
    found = await comparisons.comparisons(asker)
    seen, _newest = await overview.overview(asker)
    given = form or {"days": str(comparisons.DEFAULT_DAYS), "seeds": str(comparisons.DEFAULT_SEEDS)}
    return await office_page(
        asker, "office/compare_list.html", rows=found.rows, seen=seen, form=given, error=error, saved=_saved,
        state_name=state_name,
    )  # fmt: skip


@post("/office/compare", roles=OFFICE, include_in_schema=False, status_code=200)
async def request_comparison(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Ask for a comparison."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    try:
        wanted = parsed(NewComparison, form)
        found = await comparisons.request_comparison(asker, wanted.days, wanted.seeds)
    except (InvalidInput, Conflict) as error:
        return await _list(asker, form, error)
    return redirect(f"/office/compare/{found.id}")


@get("/office/compare/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def comparison_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show how far a comparison is, then its figures."""
    return await _one(asker, await comparisons.comparison(asker, id))


async def _one(asker: Scope, found: ComparisonView, refused: LiftroundsError | None = None) -> Response[Any]:
    result = found.result
    return await office_page(
        asker, "office/compare.html", found=found, alive=found.state in ALIVE, lines=_lines(result) if result else [],
        policy_name=policy_name, chart=_drawn(result) if result else "", state_name=state_name,
        refused=told(refused) if refused else None,
    )  # fmt: skip


@post("/office/compare/{id:uuid}/stop", roles=OFFICE, include_in_schema=False, status_code=200)
async def stop(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Stop a comparison."""
    try:
        found = await comparisons.stop_comparison(asker, id)
    except Conflict as error:
        return await _one(asker, await comparisons.comparison(asker, id), error)
    return redirect(f"/office/compare/{found.id}", message=_("The comparison is stopped."))


@get("/office/compare/{id:uuid}/figures.json", roles=OFFICE_READERS, include_in_schema=False)
async def json_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Return the figures as JSON."""
    result = await _result(asker, id)
    return _file(msgspec.json.format(msgspec.json.encode(result)) + b"\n", f"comparison-{id}.json", "application/json")


@get("/office/compare/{id:uuid}/figures.csv", roles=OFFICE_READERS, include_in_schema=False)
async def csv_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Return the figures as a table: one line per policy and figure."""
    result = await _result(asker, id)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(["policy", "figure", "mean", "least", "most"])
    for policy in result.policies:
        lines.writerow([policy.id, "on_demand_share", policy.on_demand_share, policy.on_demand_share, policy.on_demand_share])
        for name in FIGURES:
            figure: Figure = getattr(policy, name)
            lines.writerow([policy.id, name, figure.mean, figure.least, figure.most])
    return _file(("\ufeff" + text.getvalue()).encode(), f"comparison-{id}.csv", "text/csv; charset=utf-8")


async def _result(asker: Scope, id: UUID) -> Comparison:
    found = await comparisons.comparison(asker, id)
    if found.result is None:
        raise Conflict("this comparison has no figures yet")
    return found.result


def _file(content: bytes, name: str, kind: str) -> Response[bytes]:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def state_name(code: str) -> str:
    """Return the name of a comparison's state."""
    names = {
        "queued": _("Waits for a worker"), "running": _("Is comparing"), "done": _("Done"), "failed": _("Failed"),
        "stopped": _("Stopped"),
    }  # fmt: skip
    return names.get(code, code)


def policy_name(result: PolicyResult) -> str:
    """Return what people call a policy."""
    names = {
        "cn-fixed-15": _("Fixed, 15 days"),
        "cn-on-demand-30": _("On demand, who may today"),
        "cn-on-demand-30+paperwork": _("On demand, with consent and filing"),
    }
    return names.get(result.id, result.id)


def figure_name(code: str) -> str:
    """Return what a figure counts."""
    names = {
        "visits": _("Visits made"), "technician_hours": _("Technician hours"), "on_site_hours": _("of these on site"),
        "kilometres": _("Kilometres"), "co2_kg": _("CO₂, kg"), "overdue_days": _("Overdue days"),
        "late_visits": _("Visits after their last day"), "crew_days": _("Crew-days used"),
    }  # fmt: skip
    return names[code]


def _lines(result: Comparison) -> list[Line]:
    found = []
    for name in FIGURES:
        figures: list[Figure] = [getattr(policy, name) for policy in result.policies]
        found.append(Line(figure_name(name), figures, [_change(figures[0], figure) for figure in figures]))
    return found


def _change(first: Figure, other: Figure) -> str:
    """Return by how much a figure is more or less; empty where chance would explain it, or there is nothing to compare."""
    if other is first or first.mean == 0 or (other.least <= first.most and first.least <= other.most):
        return ""
    return f"{(other.mean - first.mean) / first.mean:+.0%}".replace("-", "−")


def _saved(found: ComparisonView) -> str:
    """Return visits less than the first policy has, for the list."""
    if found.result is None or len(found.result.policies) < 2:
        return ""
    first, second = found.result.policies[0].visits, found.result.policies[1].visits
    return _change(first, second) or "±0 %"


def _drawn(result: Comparison) -> str:
    groups = []
    for name in DRAWN:
        figures: Sequence[Figure] = [getattr(policy, name) for policy in result.policies]
        bars = [
            Bar(label=policy_name(policy), mean=figure.mean, least=figure.least, most=figure.most)
            for policy, figure in zip(result.policies, figures, strict=True)
        ]
        groups.append((figure_name(name), bars))
    return draw(groups, label=_("Policies side by side"), space="" if language.get() == "zh" else " ")


HANDLERS: list[Any] = [compare_page, request_comparison, comparison_page, stop, json_file, csv_file]
