"""A label's code as a picture, and the codes that were refused with what they may mean."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get
from msgspec import Struct

from backend.labels import service as labels
from backend.labels.views import Refusal, RefusedCount
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, Ring
from mobile_api.pages.office.base import office_page
from mobile_api.security import OFFICE_READERS

SPANS = (7, 30, 90, 365)
"""Days that can be looked back."""

SHOWN = 200


class RefusedCode(Struct, frozen=True, kw_only=True):
    """How often one code was refused for one reason."""

    reason: Refusal
    label: UUID | None
    code_id: str
    times: int
    first_day: date
    last_day: date


@get("/office/labels/{id:uuid}/qr.svg", roles=OFFICE_READERS, include_in_schema=False)
async def qr_svg(asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]) -> Response[str]:
    """Draw a label's code as a scalable picture."""
    drawn = await labels.picture_of(asker, ring, settings, id, "svg")
    return Response(drawn.decode(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@get("/office/labels/{id:uuid}/qr.png", roles=OFFICE_READERS, include_in_schema=False)
async def qr_png(asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID]) -> Response[bytes]:
    """Draw a label's code as a black and white picture."""
    drawn = await labels.picture_of(asker, ring, settings, id, "png")
    return Response(drawn, media_type="image/png", headers={"Cache-Control": "no-store"})


@get("/office/labels/refused", roles=OFFICE_READERS, include_in_schema=False)
async def refused_page(asker: Asker, days: FromQuery[str] = "30") -> Response[Any]:
    """Show which codes were refused, how often, and what that may mean."""
    span = int(days) if days in {str(one) for one in SPANS} else 30
    found = by_code(await labels.refused(asker, span))
    return await office_page(
        asker, "office/labels_refused.html", refused=found[:SHOWN], total=len(found), spans=SPANS, span=span, hint=hint,
        kinds=KINDS,
    )  # fmt: skip


def by_code(counts: list[RefusedCount]) -> list[RefusedCode]:
    """Return the counts of all days together by code and reason, the gravest first, then the most frequent."""
    found: dict[tuple[str, Refusal], RefusedCode] = {}
    for count in counts:
        name = (count.code_id, count.reason)
        before = found.get(name)
        found[name] = RefusedCode(
            reason=count.reason,
            label=count.label,
            code_id=count.code_id,
            times=count.times + (before.times if before else 0),
            first_day=min(count.day, before.first_day) if before else count.day,
            last_day=max(count.day, before.last_day) if before else count.day,
        )
    return sorted(found.values(), key=lambda one: (_GRAVITY.index(KINDS[one.reason]), -one.times, one.code_id))


_GRAVITY = ("bad", "warn", "info", "mute")
KINDS = {
    Refusal.WRONG_MAC: "bad", Refusal.FOREIGN: "bad", Refusal.UNKNOWN: "bad", Refusal.RETIRED: "bad", Refusal.REVOKED: "warn",
    Refusal.REPLACED: "warn", Refusal.CHECK_FAILED: "warn", Refusal.BLANK: "info", Refusal.MALFORMED: "mute",
}  # fmt: skip
"""Badge of each reason."""


def hint(reason: Refusal) -> str:
    """Return what a reason may mean and what to do."""
    return {
        Refusal.WRONG_MAC: _(
            "The number is ours, the proof behind it is not: somebody may have made a false label. Look at it."
        ),
        Refusal.FOREIGN: _("A label of another firm was scanned: a wrong elevator, or labels were swapped. Look at it."),
        Refusal.UNKNOWN: _(
            "Genuine, but not in the record: was the database restored from an older backup? Replace the label."
        ),
        Refusal.RETIRED: _(
            "Its key was retired: a blank label of that time, or a false one made with the key. Look at it, put up a new one."
        ),
        Refusal.REVOKED: _("A revoked label still hangs somewhere: take it down and put up the new one."),
        Refusal.REPLACED: _("A replaced label still hangs somewhere: take it down and put up the new one."),
        Refusal.CHECK_FAILED: _("Misread or mistyped. If it goes on, the label is scratched or dirty: replace it."),
        Refusal.BLANK: _("The label hangs, but nobody has claimed it: claim it for its elevator."),
        Refusal.MALFORMED: _("Something else was scanned or typed. Nothing to do."),
    }[reason]


HANDLERS: list[Any] = [qr_svg, qr_png, refused_page]
