"""Service times: how long visits take, as the firm's own scans taught."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from backend.service_times import service
from backend.service_times.views import FactorView
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker
from mobile_api.pages.office.base import choose_first, office_page
from mobile_api.pages.office.words import equipment
from mobile_api.security import OFFICE
from planner.service_times.limits import limits


@get("/office/service-times", roles=OFFICE, include_in_schema=False)
async def service_times_page(asker: Asker) -> Response[Any]:
    """Show what was learnt: by class, kind of elevator, elevator and technician."""
    if asker.firm is None:
        return choose_first()
    return await office_page(
        asker, "office/service_times.html", view=await service.service_times(asker, asker.firm), group_name=_group_name,
        percent=_percent, limits=limits(),
    )  # fmt: skip


def _group_name(group: str) -> str:
    """Return what a group of like elevators is called: `traction_or_positive_drive_lift/7-15`."""
    kind, _slash, stops = group.partition("/")
    name = equipment(kind)
    return _("%(name)s, %(stops)s stops") % {"name": name, "stops": stops.replace("-", "–")} if stops else name


def _percent(view: FactorView) -> str:
    """Return a factor as people say it: `12 % longer`, `as usual`."""
    percent = round(100 * (view.factor - 1))
    if percent == 0:
        return _("as usual")
    return (_("%(percent)s %% longer") if percent > 0 else _("%(percent)s %% shorter")) % {"percent": abs(percent)}


HANDLERS: list[Any] = [service_times_page]
