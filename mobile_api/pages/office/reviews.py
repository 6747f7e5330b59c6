"""The review of visits whose proof is weaker than asked for: look, then accept or dispute in one step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError
from backend.scope import Scope
from backend.visits import service as visits
from backend.visits.views import Review
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.base import office_page
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS

LISTED = 20
"""Visits of one page: each stands there with its reasons."""

GRADES = ("A", "B", "C", "D")


@get("/office/reviews", roles=OFFICE_READERS, include_in_schema=False)
async def reviews_page(
    asker: Asker, review: FromQuery[str] = "", grade: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """Show the visits that wait for a review, or those that had one."""
    return await _reviews(asker, review=review, grade=grade, cursor=cursor)


async def _reviews(
    asker: Scope,
    *,
    review: str = "",
    grade: str = "",
    cursor: str | None = None,
    failed: UUID | None = None,
    form: dict[str, str] | None = None,
    error: LiftroundsError | None = None,
) -> Response[Any]:
    state = Review(review) if review in (Review.ACCEPTED, Review.DISPUTED) else Review.WAITING
    wanted = grade if grade in GRADES else None
    return await office_page(
        asker,
        "office/reviews.html",
        error=error,
        form=form,
        failed=failed,
        found=await visits.reviews(asker, review=state, grade=wanted, cursor=cursor, limit=LISTED),
        given={"review": state.value, "grade": wanted or ""},
        is_filtered=state is not Review.WAITING or wanted is not None,
    )


@post("/office/reviews/{visit:uuid}", roles=OFFICE, include_in_schema=False, status_code=200)
async def review_visit(request: Request[Any, Any, Any], asker: Asker, visit: FromPath[UUID]) -> Response[Any]:
    """Accept or dispute a visit, or take an acceptance back, with a note."""
    form = await form_of(request)
    word, note = form.get("word", ""), form.get("reason", "")
    await visits.proof(asker, visit)  # another firm's visit does not exist, whatever the form says
    if word not in ("accept", "dispute", "reopen"):
        refusal = InvalidInput("nothing was decided", faults=[Fault("word", word[:20], "choose accept, dispute or reopen")])
        return await _reviews(asker, failed=visit, form=form, error=refusal)
    try:
        if word == "accept":
            await visits.accept(asker, visit, note)
            message = _("The visit is accepted: it counts.")
        elif word == "reopen":
            await visits.reopen(asker, visit, note)
            message = _("The visit waits for a review again.")
        else:
            await visits.dispute(asker, visit, note)
            message = _("The visit is disputed: its record has a version that says that it does not count.")
    except (Conflict, InvalidInput) as error:
        return await _reviews(asker, failed=visit, form=form, error=error)
    return redirect("/office/reviews", message=message)


HANDLERS: list[Any] = [reviews_page, review_visit]
