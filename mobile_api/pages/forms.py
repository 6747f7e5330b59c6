"""Forms: what was typed, turned into structs with all faults at once, and refusals told beside the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from msgspec import Struct

from backend.errors import Fault, InvalidInput, LiftroundsError
from mobile_api.errors import told as reason_of
from mobile_api.i18n import translated

T = TypeVar("T", bound=Struct)

_CSRF_FIELD = "_csrf_token"


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the texts of a form, trimmed; of a field that came several times, the last."""
    data = await request.form()
    return {key: value.strip() for key, value in data.multi_items() if isinstance(value, str) and key != _CSRF_FIELD}


async def chosen(request: Request[Any, Any, Any], name: str) -> list[str]:
    """Return all values of a field that may come several times (check boxes)."""
    data = await request.form()
    return [value for value in data.getall(name, []) if isinstance(value, str)]


async def uploaded(request: Request[Any, Any, Any], name: str) -> UploadFile | None:
    """Return a file of a form, None where none was chosen."""
    data = await request.form()
    found = data.get(name)
    return found if isinstance(found, UploadFile) and found.filename else None


def parsed(kind: type[T], form: Mapping[str, str], **given: Any) -> T:
    """Turn a form into a struct; an empty field counts as not given.

    Parameters
    ----------
    kind
        The struct; texts are converted to its fields' types.
    form
        As `form_of` returns it; names that the struct lacks are passed over.
    given
        Fields that do not come from the form.

    Raises
    ------
    InvalidInput
        With one fault per field that does not fit.
    """
    hints = get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = dict(given)
    faults: list[Fault] = []
    for field in msgspec.structs.fields(kind):
        text = form.get(field.name, "")
        if field.name in values or (text == "" and not field.required):
            continue
        if text == "" and hints[field.name] is not str:
            faults.append(Fault(field.name, None, "please fill this in"))
            continue
        try:
            values[field.name] = msgspec.convert(text, hints[field.name], strict=False)
        except msgspec.ValidationError:
            faults.append(Fault(field.name, text, "this does not fit the field"))
    if faults:
        raise InvalidInput("please check the marked fields", faults=faults)
    return kind(**values)


def patched(kind: type[T], form: Mapping[str, str], **given: Any) -> T:
    """Turn a form into an Update struct: fields that the form has are set, an empty one to None where the field allows it.

    Raises
    ------
    InvalidInput
        With one fault per field that does not fit.
    """
    hints = get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = dict(given)
    faults: list[Fault] = []
    for field in msgspec.structs.fields(kind):
        if field.name in values or field.name not in form:
            continue
        text = form[field.name]
        try:
            values[field.name] = msgspec.convert(None if text == "" and _takes_none(hints[field.name]) else text,
                                                 hints[field.name], strict=False)  # fmt: skip
        except msgspec.ValidationError:
            faults.append(Fault(field.name, text, "this does not fit the field" if text else "please fill this in"))
    if faults:
        raise InvalidInput("please check the marked fields", faults=faults)
    return kind(**values)


def _takes_none(hint: Any) -> bool:
    return type(None) in get_args(hint)


def told(error: LiftroundsError) -> dict[str, Any]:
    """Return a refusal for the template: its sentence, and the reasons by field."""
    faults = {fault.path: reason_of(fault) for fault in getattr(error, "faults", ())}
    return {"message": translated(error.template, error.params), "faults": faults}
