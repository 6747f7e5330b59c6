"""What all pages of the office share: who may change something, the firm's time zone, the words of states."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar.response import Redirect, Template

from backend import clock
from backend.errors import LiftroundsError, NotFound
from backend.registry import service as registry
from backend.registry.views import FirmView
from backend.scope import Role, Scope
from backend.settings import DEFAULT_TIME_ZONE
from backend.visits import service as visits
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.pages import visit_words
from mobile_api.pages.forms import told
from mobile_api.pages.office import words as office_words
from mobile_api.pages.render import page, redirect
from mobile_api.security import OFFICE

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Days that pages take from an address: reckoning from the ends of the calendar fails."""

LISTED = 50
"""Lines of one page of a list."""


class Typed(dict[str, str]):
    """What was typed into a form; a field that was not sent is empty."""

    def __missing__(self, key: str) -> str:
        return ""


async def office_page(
    asker: Scope, template: str, *, error: LiftroundsError | None = None, form: dict[str, str] | None = None, **context: Any
) -> Template:
    """Answer with a page of the office.

    Parameters
    ----------
    asker, template
        Who sees what.
    error
        Why the form before was refused; sets the status.
    form
        What was typed into it.
    context
        Whatever else the template sees.
    """
    firm = await firm_of(asker)
    waiting = await visits.waiting_reviews(asker)
    time_zone = firm.time_zone if firm else DEFAULT_TIME_ZONE
    return page(
        template,
        status_code=status_of(error) if error else 200,
        error=told(error) if error else None,
        form=Typed(form or {}),
        asker=asker,
        firm=firm,
        time_zone=time_zone,
        today=clock.today(time_zone),
        may_change=asker.role in OFFICE and firm is not None,
        is_admin=asker.role is Role.ADMIN,
        nav_waits={"/office/visits": waiting, "/office/reviews": waiting},
        sees_all=asker.role in (Role.ADMIN, Role.REGULATOR),
        **visit_words.words(),
        **office_words.words(),
        **context,
    )


async def firm_of(asker: Scope) -> FirmView | None:
    """Return the firm of the pages, None for somebody who sees all and has chosen none, or one that is gone."""
    if asker.firm is None:
        return None
    try:
        return await registry.firm(asker, asker.firm)
    except NotFound:
        return None


async def time_zone_of(asker: Scope) -> str:
    """Return the time zone of the firm of the pages; the usual one where there is no firm."""
    firm = await firm_of(asker)
    return firm.time_zone if firm else DEFAULT_TIME_ZONE


def choose_first() -> Redirect:
    """Send somebody who sees every firm to choose the one that they want to change."""
    return redirect("/office/firms", message=_("Choose the firm first: what is made here belongs to one firm."), kind="error")


def is_id(text: str) -> UUID | None:
    """Return a text of a form or an address as an id, None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def as_day(text: str) -> date | None:
    """Return a text of a form or an address as a day, None where it is none or lies outside of all plans and records."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
