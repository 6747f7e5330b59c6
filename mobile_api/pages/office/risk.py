"""How often elevators are expected to fail: the worst first, how good past forecasts were, and what faults cost."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from markupsafe import Markup

from backend.errors import LiftroundsError
from backend.risk import service
from backend.risk.views import Calibration, CostsInput
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromQuery
from mobile_api.pages.forms import form_of, parsed
from mobile_api.pages.office.base import LISTED, choose_first, office_page
from mobile_api.pages.office.risk_drawing import draw
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS


@get("/office/risk", roles=OFFICE_READERS, include_in_schema=False)
async def risk_page(asker: Asker, text: FromQuery[str] = "", cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Show the list and how good its forecasts are."""
    return await _page(asker, text=text, cursor=cursor)


async def _page(
    asker: Scope, *, text: str = "", cursor: str | None = None, error: LiftroundsError | None = None,
    form: dict[str, str] | None = None,
) -> Response[Any]:  # fmt: skip
    listed = await service.risk_list(asker, text, cursor=cursor, limit=LISTED)
    overview = None if asker.firm is None else await service.overview(asker, asker.firm)
    return await office_page(
        asker, "office/risk.html", error=error, form=form, listed=listed, text=text, overview=overview,
        costs=None if asker.firm is None else await service.costs(asker, asker.firm),
        pictures=[] if overview is None else [(each, _picture(each)) for each in overview.calibrations],
        counted_name=counted_name,
    )  # fmt: skip


def counted_name(outcome: str) -> str:
    """Return the name of what is counted."""
    return _("Elevator faults") if outcome == "faults" else _("Entrapments")


def _picture(each: Calibration) -> Markup:
    drawn = draw(each.bins, label=_("Forecast and what came, per elevator and month"), x_name=_("forecast"), y_name=_("came"))
    return Markup(drawn)  # noqa: S704 - made here of numbers and of escaped words


@post("/office/risk/fit", roles=OFFICE, include_in_schema=False, status_code=200)
async def fit(asker: Asker) -> Response[Any]:
    """Have the model fitted now."""
    if asker.firm is None:
        return choose_first()
    await service.request_fit(asker)
    return redirect("/office/risk", message=_("The rates are being estimated anew; that takes a minute."))


@post("/office/risk/costs", roles=OFFICE, include_in_schema=False, status_code=200)
async def set_costs(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Set the firm's own costs."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    try:
        await service.set_costs(asker, parsed(CostsInput, form))
    except LiftroundsError as error:
        return await _page(asker, error=error, form=form)
    return redirect("/office/risk", message=_("The costs are saved; best days follow in the night."))


@post("/office/risk/costs/reset", roles=OFFICE, include_in_schema=False, status_code=200)
async def reset_costs(asker: Asker) -> Response[Any]:
    """Go back to the samples."""
    if asker.firm is None:
        return choose_first()
    await service.reset_costs(asker)
    return redirect("/office/risk", message=_("The sample costs count again."))


HANDLERS: list[Any] = [risk_page, fit, set_costs, reset_costs]
