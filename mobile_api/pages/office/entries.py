"""What phones have handed in and was not applied: why, and what the office can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from backend import keyfile
from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound
from backend.scope import Scope
from backend.visits.intake import handover, held
from backend.visits.intake.queries import HeldLine
from backend.visits.photos.store import store_of
from mobile_api import i18n
from mobile_api.i18n import gettext as _
from mobile_api.i18n import ngettext
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, Ring
from mobile_api.pages.forms import form_of, uploaded
from mobile_api.pages.office.base import office_page
from mobile_api.pages.office.entry_places import place_text
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS
from qr.chain.handover import LARGEST_FILE

ADDRESS = "/office/entries"

OPEN_VISIT = "this elevator has an open visit"
"""How the refusal begins that names the visit in the way."""


class Group(Struct, frozen=True, kw_only=True):
    """What one phone has handed in of one visit."""

    first: HeldLine
    lines: list[HeldLine]
    in_the_way: str | None
    """The visit that has to end first."""

    @property
    def may_retry(self) -> bool:
        """Whether any of it is tried by itself."""
        return any(line.state in ("held", "waiting") for line in self.lines)


def groups_of(rows: Sequence[HeldLine]) -> list[Group]:
    """Return lines by phone and visit, in the order in which they came."""
    found = []
    for _key, lines in groupby(rows, key=lambda row: (row.phone, row.visit or row.id)):
        listed = list(lines)
        found.append(Group(first=listed[0], lines=listed, in_the_way=_in_the_way(listed)))
    return found


def _in_the_way(lines: Sequence[HeldLine]) -> str | None:
    for line in lines:
        reason = line.reason or {}
        if str(reason.get("template", "")).startswith(OPEN_VISIT):
            return str(reason["params"]["visit"])
    return None


def why(line: HeldLine) -> str:
    """Return why an entry was not applied, in the language of the request."""
    reason = line.reason
    if reason is None:
        return _("It has not been tried yet.") if line.state == "waiting" else ""
    if "zh" in reason:
        return str(reason[i18n.language.get()])
    return i18n.translated(str(reason["template"]), reason.get("params", {}))


def fault_text(fault: Fault) -> str:
    """Return what is wrong with a part of an entry, in the language of the request."""
    return i18n.translated(fault.template or fault.reason, fault.params)


def kind_name(kind: str) -> str:
    """Return what people call a kind of entry."""
    return {
        "arrival": _("Arrival scan"), "departure": _("Departure scan"), "zone": _("Zone scan"),
        "join": _("Second technician came"), "leave": _("Second technician went"), "work": _("Work"), "finding": _("Finding"),
    }.get(kind, kind)  # fmt: skip


def state_name(state: str) -> str:
    """Return what people call the state of an entry."""
    return {"held": _("held"), "waiting": _("not tried yet"), "kept": _("kept for review"), "settled": _("not taken")}.get(
        state, state
    )


@get(ADDRESS, roles=OFFICE_READERS, include_in_schema=False)
async def entries_page(asker: Asker, settled: FromQuery[bool] = False) -> Response[Any]:
    """Show what has not been applied, by visit."""
    return await _page(asker, settled=settled)


async def _page(
    asker: Scope, *, settled: bool = False, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    found = await held.held(asker, settled=settled)
    return await office_page(
        asker, "office/entries.html", error=error, form=form, groups=groups_of(found.rows), is_complete=found.is_complete,
        settled=settled, why=why, place_text=lambda line, path: place_text(path, found.items.get(line.id, {})),
        fault_text=fault_text, kind_name=kind_name, state_name=state_name,
    )  # fmt: skip


@post(f"{ADDRESS}/{{id:uuid}}/retry", roles=OFFICE, include_in_schema=False, status_code=200)
async def retry(asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Try held entries again."""
    try:
        row = await held.try_again(asker, ring, id)
    except Conflict as error:
        return await _page(asker, error=error)
    if row.state == "applied":
        return redirect(ADDRESS, message=_("It is applied now, with what waited for it."))
    return redirect(ADDRESS, message=_("It is still held: the reason is shown."), kind="error")


@post(f"{ADDRESS}/{{id:uuid}}/take-by-hand", roles=OFFICE, include_in_schema=False, status_code=200)
async def take_by_hand(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Apply entries that are not trusted."""
    form = await form_of(request)
    try:
        row = await held.take_by_hand(asker, ring, id, form.get("reason", ""))
    except (Conflict, InvalidInput) as error:
        return await _page(asker, form=form, error=error)
    if row.state == "applied":
        return redirect(
            ADDRESS, message=_("They were applied; the audit trail names you, and the visit is graded for what it is.")
        )
    return redirect(
        ADDRESS, message=_("They were taken, and something is still in the way: the reason is shown."), kind="error"
    )


@post(f"{ADDRESS}/{{id:uuid}}/settle", roles=OFFICE, include_in_schema=False, status_code=200)
async def settle(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Leave out what could not be applied."""
    form = await form_of(request)
    try:
        await held.settle(asker, ring, id, form.get("reason", ""), all_of_visit=bool(form.get("all")))
    except (Conflict, InvalidInput) as error:
        return await _page(asker, form=form, error=error)
    return redirect(ADDRESS, message=_("It is left out. It stays stored, and you can take this back."))


@post(f"{ADDRESS}/{{id:uuid}}/take-back", roles=OFFICE, include_in_schema=False, status_code=200)
async def take_back(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take a settlement back."""
    try:
        await held.take_back(asker, id)
    except Conflict as error:
        return await _page(asker, settled=True, error=error)
    return redirect(ADDRESS, message=_("It is listed again."))


@post(f"{ADDRESS}/handover", roles=OFFICE, include_in_schema=False, status_code=200, request_max_body_size=LARGEST_FILE + 4096)
async def hand_over(request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation) -> Response[Any]:
    """Take a hand-over file of a phone."""
    file = await uploaded(request, "file")
    if file is None:
        fault = Fault("file", None, "choose the file that the phone has made")
        return await _page(asker, error=InvalidInput("no file was chosen", faults=[fault]))
    try:
        keys = keyfile.beacon_keys(settings)
        done = await handover.take_file(
            asker, ring, await file.read(), store=store_of(settings), beacon_keys=keys,
            handover_keys=keyfile.handover_keys(settings),
        )  # fmt: skip
    except (Conflict, InvalidInput, NotFound) as error:
        return await _page(asker, error=error)
    count = len(done.results)
    said = ngettext("%(num)s entry", "%(num)s entries", count) % {"num": count}
    kept = ngettext("%(num)s photo was kept", "%(num)s photos were kept", done.photos_kept) % {"num": done.photos_kept}
    return redirect(ADDRESS, message=_("The file was read: %(what)s.") % {"what": _(", ").join((said, kept))})


HANDLERS: list[Any] = [entries_page, retry, take_by_hand, settle, take_back, hand_over]
