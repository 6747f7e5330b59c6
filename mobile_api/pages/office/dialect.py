"""How a device speaks: its zone, its table of codes, what its own names mean, what a gateway calls its elevators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from backend.errors import Fault, InvalidInput
from backend.scope import Scope
from backend.telemetry import service as telemetry
from backend.telemetry.adapters.dialect import Dialect, Target
from backend.telemetry.views import ForeignNameView
from backend.telemetry.vocabulary import vocabulary
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language
from mobile_api.inputs import Asker, FromPath
from mobile_api.pages.forms import form_of
from mobile_api.pages.office import words
from mobile_api.pages.office.base import office_page
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE

MOST_ROWS = 60
"""Names on one page; those that come next stand on it when these are told."""

EMPTY_ROWS = 3
"""For names that the device has not said yet."""


def why_kept(why: str) -> str:
    """Return why a value is kept as it came."""
    names = {
        "unknown": _("no table knows it"), "unreadable": _("unreadable value"), "text": _("text, kept as it is"),
    }  # fmt: skip
    return names.get(why, why)


def is_name_of_a_value(name: ForeignNameView) -> bool:
    """Return whether a mapping can tell what a name means: it is not a code, and somebody should look at it."""
    return name.why != "text" and ":" not in name.name


def targets() -> list[tuple[str, str]]:
    """Return what a name can mean, with its name in the language of the request."""
    found = vocabulary()
    chinese = language.get() == "zh"
    options = [("", _("– not told –")), ("nothing", _("Nothing: keep it as it comes")), ("floor", _("Landing"))]
    options += [("codes", _("Code of a fault that lasts")), ("events", _("Code of an event"))]
    options += [("time", _("Time of the message")), ("elevator", _("Name of the elevator"))]
    options += [(f"counters.{name}", f"{_('Counter')}: {words.counter(name)}") for name in found.counters]
    for name, gauge in found.gauges.items():
        said = gauge.zh if chinese else gauge.en.partition(":")[0]
        options.append((f"gauges.{name}", f"{_('Value')}: {said}" + ("" if gauge.unit == "1" else f" ({gauge.unit})")))
    kinds = [name for name, kind in found.kinds.items() if kind.category in ("fault", "alarm", "monitor")]
    return options + [(f"flags.{name}", f"{_('On or off')}: {words.event(name)}") for name in kinds]


@get("/office/devices/{id:uuid}/dialect", roles=OFFICE, include_in_schema=False)
async def dialect_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show how a device speaks, and what it says that nobody knows."""
    spoken = await telemetry.dialect(asker, id)
    return await _page(asker, id, await _rows(asker, id, spoken), _texts(spoken))


async def _rows(asker: Scope, id: UUID, spoken: Dialect) -> list[dict[str, str]]:
    """Return the names to tell the meaning of: those that are told, those that nobody knows, and empty ones."""
    known = [
        {"name": name, "to": target.to, "times": f"{target.times:g}", "example": ""} for name, target in spoken.names.items()
    ]
    examples = {name.name: name for name in await telemetry.foreign_names(asker, id)}
    for row in known:
        row["example"] = examples[row["name"]].example if row["name"] in examples else ""
    unknown = [
        {"name": name.name, "to": "", "times": "", "example": name.example}
        for name in examples.values()
        if is_name_of_a_value(name) and name.name not in spoken.names
    ]
    empty = [{"name": "", "to": "", "times": "", "example": ""} for _number in range(EMPTY_ROWS)]
    return [*known, *unknown[:MOST_ROWS], *empty]


def _texts(spoken: Dialect) -> dict[str, str]:
    lines = "\n".join(f"{name} = {code}" for name, code in spoken.elevators.items())
    return {"time_zone": spoken.time_zone, "codes": spoken.codes, "elevators": lines}


async def _page(
    asker: Scope, id: UUID, rows: Sequence[Mapping[str, str]], form: dict[str, str], error: InvalidInput | None = None
) -> Response[Any]:
    schemes = [("", _("The format's own")), *((scheme, scheme) for scheme in vocabulary().schemes if scheme != "liftrounds")]
    return await office_page(
        asker, "office/dialect.html", device=await telemetry.device(asker, id), rows=rows, form=form, error=error,
        targets=targets(), schemes=schemes,
    )  # fmt: skip


@post("/office/devices/{id:uuid}/dialect", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_dialect(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Note how a device speaks."""
    form = await form_of(request)
    rows = _typed(form)
    try:
        await telemetry.set_dialect(asker, id, _dialect(form, rows))
    except InvalidInput as error:
        return await _page(asker, id, rows, form, _beside_rows(error, rows))
    return redirect(f"/office/devices/{id}", message=_("Saved: it holds for the messages to come."))


def _typed(form: Mapping[str, str]) -> list[dict[str, str]]:
    numbers = [
        int(key.removeprefix("name.")) for key in form if key.startswith("name.") and key[5:].isascii() and key[5:].isdigit()
    ]
    return [
        {field: form.get(f"{field}.{number}", "") for field in ("name", "to", "times", "example")} for number in sorted(numbers)
    ]


def _dialect(form: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> Dialect:
    """Turn the form into a dialect, with all faults that only a form can have."""
    faults = []
    names: dict[str, Target] = {}
    for number, row in enumerate(rows):
        if not row["to"]:
            continue
        times = 1.0
        try:
            times = float(row["times"]) if row["times"] else 1.0
        except ValueError:
            faults.append(Fault(f"times.{number}", row["times"][:20], "give a number, such as 3600"))
        if not row["name"]:
            faults.append(Fault(f"name.{number}", None, "give the name as the device writes it"))
        names[row["name"]] = Target(to=row["to"], times=times)
    elevators: dict[str, str] = {}
    for line in form.get("elevators", "").splitlines():
        name, _equals, code = (part.strip() for part in line.rpartition("="))
        if name and code:
            elevators[name] = code
        elif line.strip():
            faults.append(Fault("elevators", line[:40], "write a line for each elevator: its name = its registration code"))
    if faults:
        raise InvalidInput("please check the marked fields", faults=faults)
    return Dialect(time_zone=form.get("time_zone", ""), codes=form.get("codes", ""), names=names, elevators=elevators)


def _beside_rows(error: InvalidInput, rows: Sequence[Mapping[str, str]]) -> InvalidInput:
    """Return a refusal whose faults stand beside the fields of the form."""
    places = {f"names.{row['name'][:40]}": number for number, row in enumerate(rows) if row["to"]}
    moved = []
    for fault in error.faults:
        path = "elevators" if fault.path.startswith("elevators.") else fault.path
        if fault.path in places:
            path = f"{'times' if 'factor' in fault.reason else 'to'}.{places[fault.path]}"
        moved.append(msgspec.structs.replace(fault, path=path))
    return InvalidInput("please check the marked fields", faults=moved)


HANDLERS: list[Any] = [dialect_page, change_dialect]
