"""Telemetry devices in the office: who speaks, with which key, and what was not accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend import clock
from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound
from backend.registry import service as registry
from backend.scope import Scope
from backend.telemetry import service as telemetry
from backend.telemetry.views import DeviceView
from backend.telemetry.vocabulary import vocabulary
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.base import LISTED, choose_first, office_page
from mobile_api.pages.office.dialect import why_kept
from mobile_api.pages.office.parts import beside
from mobile_api.pages.office.rejected import way_name, why, why_then
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS

SILENT = timedelta(days=1)
"""Without a sign of life for this long a device is silent."""


def device_state(device: DeviceView, now: datetime) -> tuple[str, str]:
    """Return the badge and the words of a device's state."""
    if not device.active:
        return "mute", _("switched off")
    if device.last_seen_at is None:
        return "warn", _("never heard of")
    return ("bad", _("silent")) if device.last_seen_at < now - SILENT else ("ok", _("speaks"))


@get("/office/devices", roles=OFFICE_READERS, include_in_schema=False)
async def devices_page(
    asker: Asker, text: FromQuery[str] = "", silent: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[Any]:
    """Show the devices by name."""
    return await _devices(asker, {"text": text.strip(), "silent": silent}, cursor=cursor)


async def _devices(
    asker: Scope,
    query: dict[str, str],
    *,
    cursor: str | None = None,
    form: dict[str, str] | None = None,
    error: LiftroundsError | None = None,
) -> Response[Any]:
    now = clock.now()
    since = now - SILENT if query.get("silent") else None
    found = await telemetry.list_devices(asker, text=query.get("text") or None, silent_since=since, cursor=cursor, limit=LISTED)
    return await office_page(
        asker,
        "office/devices.html",
        devices=found,
        device_state=device_state,
        now=now,
        query=query,
        is_filtered=any(query.values()),
        form=form,
        error=error,
    )


@post("/office/devices", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_device(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Make a device and show its key, this once."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    try:
        elevator = await _elevator(asker, form.get("elevator", ""))
        device, key = await telemetry.add_device(asker, elevator, form.get("name", ""))
    except Conflict as error:
        return await _devices(asker, {}, form=form, error=beside(error, "name"))
    except InvalidInput as error:
        return await _devices(asker, {}, form=form, error=error)
    return await _key(asker, device, key, settings.public_url)


async def _elevator(asker: Scope, text: str) -> UUID | None:
    """Return the elevator that is meant by a code; None where the field is empty: a gateway."""
    if not text:
        return None
    try:
        return (await registry.find_elevator(asker, text)).id
    except (NotFound, Conflict) as error:
        raise beside(error, "elevator") from None


async def _key(asker: Scope, device: DeviceView, key: str, public_url: str) -> Response[Any]:
    answer = await office_page(asker, "office/device_key.html", device=device, key=key, public_url=public_url.rstrip("/"))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@get("/office/devices/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def device_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a device and what it sent that was not accepted."""
    return await _device(asker, id)


async def _device(
    asker: Scope, id: UUID, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    device = await telemetry.device(asker, id)
    texts = {"name": device.name} | {f"widths.{counter}": str(width) for counter, width in device.widths.items()}
    page = await telemetry.rejected_records(asker, device=id, limit=20)
    return await office_page(
        asker,
        "office/device.html",
        device=device,
        device_state=device_state,
        now=clock.now(),
        form=texts | (form or {}),
        error=error,
        counters=vocabulary().counters,
        foreign=await telemetry.foreign_names(asker, id),
        why_kept=why_kept,
        rejected=page.rows,
        more_rejected=page.next_cursor is not None,
        why=why,
        why_then=why_then,
        way_name=way_name,
    )


@post("/office/devices/{id:uuid}", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_device(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Rename a device, and tell where its counters roll over."""
    form = await form_of(request)
    try:
        await telemetry.change_device(asker, id, name=form.get("name", ""), widths=_widths(form))
    except Conflict as error:
        return await _device(asker, id, form, beside(error, "name"))
    except InvalidInput as error:
        return await _device(asker, id, form, error)
    return redirect(f"/office/devices/{id}", message=_("Saved."))


def _widths(form: Mapping[str, str]) -> dict[str, int]:
    faults = []
    found = {}
    for counter in vocabulary().counters:
        text = form.get(f"widths.{counter}", "")
        if not text:
            continue
        if text.isascii() and text.isdigit() and len(text) <= 19:
            found[counter] = int(text)
        else:
            faults.append(Fault(f"widths.{counter}", text[:20], "give the value at which it rolls over, such as 65536"))
    if faults:
        raise InvalidInput("please check the marked fields", faults=faults)
    return found


@post("/office/devices/{id:uuid}/switch", roles=OFFICE, include_in_schema=False, status_code=200)
async def switch_device(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Switch a device on or off."""
    active = (await form_of(request)).get("active") == "yes"
    await telemetry.switch_device(asker, id, active=active)
    said = _("The device is switched on.") if active else _("The device is switched off: what it sends is refused.")
    return redirect(f"/office/devices/{id}", message=said)


@post("/office/devices/{id:uuid}/key", roles=OFFICE, include_in_schema=False, status_code=200)
async def rotate_key(asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[Any]:
    """Give a device a new key and show it, this once."""
    device, key = await telemetry.rotate_key(asker, id)
    return await _key(asker, device, key, settings.public_url)


HANDLERS: list[Any] = [devices_page, add_device, device_page, change_device, switch_device, rotate_key]
